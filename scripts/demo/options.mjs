import { parseArgs } from 'node:util'

/**
 * What the demo was asked for.
 * @typedef {object} DemoOptions
 * @property {boolean} build build the server first
 * @property {boolean} once end as soon as the webhook has arrived
 * @property {number} port the port to try first; 0 takes a free one
 * @property {number} deadlineMs how long the run and its webhook may take
 */

/**
 * Reads the command line; ends the process with a sentence when it makes no sense.
 * @param {string[]} args
 * @returns {DemoOptions}
 */
export function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        build: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        port: { type: 'string', default: '8123' },
        deadline: { type: 'string', default: '30' },
      },
    })
    const port = wholeNumber('--port', values.port, 65_535)
    return {
      build: values.build,
      once: values.once,
      port,
      deadlineMs: wholeNumber('--deadline', values.deadline, 3_600) * 1000,
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}

/**
 * @param {string} option
 * @param {string} text
 * @param {number} largest
 */
function wholeNumber(option, text, largest) {
  const number = Number(text)
  if (/^\d+$/.test(text) && number <= largest) return number
  throw new Error(`${option} takes a whole number from 0 to ${largest}, not «${text}»`)
}
