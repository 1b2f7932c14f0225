// Prints the failed tests of a Vitest report in JSON, each with the first line of what it said.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
for (const { name: file, message, status, assertionResults } of report.testResults) {
  const name = relative(process.cwd(), file)
  const failed = assertionResults.filter((one) => one.status === 'failed')
  for (const { fullName, failureMessages } of failed) {
    console.log(`FAILED ${name} > ${fullName}: ${firstLine(failureMessages[0])}`)
  }
  if (status === 'failed' && failed.length === 0) console.log(`FAILED ${name}: ${firstLine(message)}`)
}

function firstLine(text) {
  return (text ?? '').split('\n', 1)[0]
}
