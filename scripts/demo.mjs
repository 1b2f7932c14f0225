// `npm run demo`: walks from creating a thread to the webhook arriving, against a server of its own.
//   --build             build the server first (`npm run demo` does)
//   --once              end as soon as the webhook has arrived: exit code 0, or 1 when it has not
//   --port <number>     port to try first, 0 for any free one (8123)
//   --deadline <s>      how long the run and its webhook may take (30)
import { addressesToLookAt } from './demo/addresses.mjs'
import { readOptions } from './demo/options.mjs'
import { choosePlace } from './demo/place.mjs'
import { newSigningSecret } from './demo/signing-secret.mjs'
import { DemoServer } from './demo/demo-server.mjs'
import { faultText, say, sayFault, title } from './demo/terminal.mjs'
import { whenAskedToStop } from './demo/stop-signal.mjs'
import { walkTheGuide } from './demo/walk.mjs'

const EXIT_OK = 0
const EXIT_FAILED = 1

/** Starts, walks, stays up until it is stopped; resolves to the exit code. */
async function demo() {
  const options = readOptions(process.argv.slice(2))
  if (options.build) await import('./build.mjs')
  const stop = whenAskedToStop()
  const place = await choosePlace(options.port)
  const secret = newSigningSecret()
  const server = new DemoServer({ place, secret })
  stop.signal.addEventListener('abort', () => void server.stop())
  try {
    await server.ready()
    const exitCode = await walk({ server, secret, options })
    if (!options.once) await stayUp(server)
    return exitCode
  } catch (error) {
    if (!stop.signal.aborted) sayFault(faultText(error))
    return stop.signal.aborted ? EXIT_OK : EXIT_FAILED
  } finally {
    await server.stop()
    place.leave()
  }
}

/**
 * Walks the guide; what goes wrong on the way is told, with the server's own words.
 * @param {{ server: DemoServer, secret: string, options: import('./demo/options.mjs').DemoOptions }} demo
 */
async function walk({ server, secret, options }) {
  try {
    await walkTheGuide({ url: server.url, secret, deadlineMs: options.deadlineMs, ended: server.ended })
    return EXIT_OK
  } catch (error) {
    if (server.isStopping) return EXIT_OK
    sayFault(faultText(error))
    for (const line of server.complaints()) say(`  ${line}`)
    return EXIT_FAILED
  }
}

/** @param {DemoServer} server */
async function stayUp(server) {
  title('Look around')
  for (const line of addressesToLookAt(server.url)) say(`  ${line}`)
  say()
  say('Up until Ctrl-C.')
  await server.closed
}

process.exitCode = await demo()
