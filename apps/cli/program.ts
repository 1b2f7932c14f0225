import { readFileSync } from 'node:fs'
import { Command } from 'commander'

/** Options of commands that read the configuration. */
export interface ConfigOptions {
  /** Path of `langgraph.json`. */
  readonly config: string
}

/** Options of commands that run a server, as they were typed. */
export interface ServeOptions extends ConfigOptions {
  readonly port?: string
  readonly host?: string
  readonly dataDir?: string
  readonly role?: string
}

/** Options of `listen`, as they were typed. */
export interface ListenOptions extends ConfigOptions {
  readonly port?: string
  readonly host?: string
  readonly forwardTo?: string
  readonly json?: boolean
}

/** What the commands do; each sets `process.exitCode` when it fails. */
export interface Commands {
  dev(options: ServeOptions): Promise<void>
  start(options: ServeOptions): Promise<void>
  check(options: ConfigOptions): Promise<void>
  migrate(options: ConfigOptions): Promise<void>
  listen(options: ListenOptions): Promise<void>
}

/** The command line of `signalbox`. */
export function createProgram(commands: Commands): Command {
  const program = new Command('signalbox')
    .description('An open, self-hosted LangGraph Agent Server whose webhooks always arrive')
    .version(packageVersion())
  serveCommand(program, 'dev', 'run for development; graphs are loaded again when their files change').action(
    (options: ServeOptions) => commands.dev(options),
  )
  serveCommand(program, 'start', 'run for production')
    .option('--role <role>', 'all, api or worker; the latter two need PostgreSQL and Redis (default: all)')
    .action((options: ServeOptions) => commands.start(options))
  configCommand(program, 'check', 'validate the configuration, load every graph and auth.path').action(
    (options: ConfigOptions) => commands.check(options),
  )
  configCommand(program, 'migrate', 'bring the PostgreSQL database of DATABASE_URI up to date').action(
    (options: ConfigOptions) => commands.migrate(options),
  )
  configCommand(program, 'listen', 'receive webhooks and print them; for developing receivers')
    .option('-p, --port <number>', 'the port; 0 takes a free one (default: 8124)')
    .option('--host <host>', 'the address to listen on (default: 127.0.0.1)')
    .option('-f, --forward-to <url>', 'pass each webhook on to this URL, and its answer back')
    .option('--json', 'print one line of JSON per webhook')
    .action((options: ListenOptions) => commands.listen(options))
  return program
}

function configCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .allowExcessArguments(false)
    .option('-c, --config <file>', 'the configuration file', 'langgraph.json')
}

function serveCommand(program: Command, name: string, description: string): Command {
  return configCommand(program, name, description)
    .option('-p, --port <number>', 'the port; 0 takes a free one (default: 8123)')
    .option('--host <host>', 'the address to listen on (default: 127.0.0.1)')
    .option('--data-dir <folder>', 'the folder of the embedded database (default: .signalbox beside the configuration)')
}

/** Read here and not through `#kernel`, which would load the logger for `--help`. */
function packageVersion(folder = new URL('.', import.meta.url)): string {
  try {
    return (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string }).version
  } catch (error) {
    const parent = new URL('..', folder)
    if (parent.href === folder.href) throw error
    return packageVersion(parent)
  }
}
