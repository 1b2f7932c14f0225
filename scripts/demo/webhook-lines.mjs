import { Webhook } from 'standardwebhooks'
import { cyan, green, red, say } from './terminal.mjs'

const INDENT = '   '

/**
 * The webhook as it arrived: headers, body, and whether its signature holds.
 * @param {import('./inspector.mjs').RecordedRequest} request
 * @param {string} secret what it must be signed with
 * @throws Error when the signature does not hold
 */
export function printWebhook({ method, path, headers, body, received_at: receivedAt }, secret) {
  const run = JSON.parse(body)
  say()
  say(`${INDENT}${method} ${path}`)
  for (const [name, value] of Object.entries(headers)) say(`${INDENT}${cyan(name)}: ${value}`)
  say()
  for (const line of JSON.stringify(run, null, 2).split('\n')) say(INDENT + line)
  say()
  say(`${INDENT}arrived ${Date.parse(receivedAt) - Date.parse(run.run_ended_at)} ms after the run had ended`)
  const fault = signatureFault(body, headers, secret)
  say(`${INDENT}signature verified: ${fault === null ? green('yes') : red(`no (${fault})`)}`)
  if (fault !== null) throw new Error('The webhook has arrived, but its signature does not hold.')
}

/**
 * By the library that receivers use.
 * @param {string} body
 * @param {Record<string, string>} headers
 * @param {string} secret
 * @returns {string | null}
 */
function signatureFault(body, headers, secret) {
  try {
    new Webhook(secret).verify(body, headers)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
