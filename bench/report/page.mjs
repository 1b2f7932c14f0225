// The page of a run, from its results: `node bench/report/page.mjs <results.json> [page.md]` renders one anew.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { goalsTable } from './goals.mjs'
import { sectionText } from './tables.mjs'

/**
 * @param {string} resultsFile
 * @param {string} pageFile
 */
export async function writePage(resultsFile, pageFile) {
  const results = JSON.parse(readFileSync(resultsFile, 'utf8'))
  const config = await resolveConfig(resolve(import.meta.dirname, '../../docs/operations.md'))
  mkdirSync(dirname(pageFile), { recursive: true })
  writeFileSync(pageFile, await format(pageText(results), { ...config, parser: 'markdown' }))
}

/** @param {any} results */
function pageText(results) {
  return [
    '# Performance',
    `Written by \`npm run bench\`${results.quick ? ' **in its quick mode: counts are too small to mean anything**' : ''}, in one run of ${results.minutes ?? '?'} minutes on one machine. What is compared was measured in turns (A B C A B C …) in that run; a figure is the median of its rounds, with the least and the greatest in brackets. Clients, receivers and databases are on the same machine and share its processors with what is measured: compare within the page, not across machines. How it is done: [bench/README.md](../bench/README.md).`,
    machineText(results),
    '## Goals',
    goalsTable(results),
    ...results.sections.map(sectionText),
  ].join('\n\n')
}

/** @param {{ at: string, machine: Record<string, string> }} results */
function machineText({ at, machine }) {
  return [
    `| | |\n|---|---|`,
    `| when | ${at.slice(0, 10)} |`,
    `| machine | ${machine.processor}, ${machine.memory}, ${machine.system} |`,
    `| Node | ${machine.node} |`,
    `| PostgreSQL | ${machine.postgres} |`,
    `| Signalbox | ${machine.signalbox}, LangGraph ${machine.langgraph} |`,
    `| dev server | \`@langchain/langgraph-api\` ${machine.devServer}, LangGraph ${machine.devServerLanggraph} |`,
  ].join('\n')
}

if (process.argv[1] === import.meta.filename) {
  const [results, page = resolve(import.meta.dirname, '../../docs/performance.md')] = process.argv.slice(2)
  await writePage(results, page)
}
