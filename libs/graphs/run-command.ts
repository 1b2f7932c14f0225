import { Command, Send } from '@langchain/langgraph'

/** Where a command goes on: a node, or a node with an input of its own. */
export type GotoTarget = string | { readonly node: string; readonly input?: unknown }

/** A command in its wire form (contract 5.6); a key that is null counts as absent. */
export interface RunCommand {
  readonly resume?: unknown
  readonly update?: Readonly<Record<string, unknown>> | readonly (readonly [string, unknown])[] | null
  readonly goto?: GotoTarget | readonly GotoTarget[] | null
}

type Write = readonly [channel: string, value: unknown]

/** LangGraph's channel of nodes to be called with an input of their own. */
const SENDS = '__pregel_tasks'

/** The command as what a node gives back, or null when the wire form says nothing. */
export function toLangGraphCommand(command: RunCommand | null): Command | null {
  if (!saysSomething(command)) return null
  return toCommand(command.resume, command.update, targetsOf(command).map(toNodeOrSend))
}

/**
 * The command as the input of a run, or null when the wire form says nothing. Nodes with an input are written as plain
 * objects to the channel of sends, which every copy of LangGraph takes: `goto` would want instances of `Send` of the
 * copy that the graph was made with, and a CommonJS project has another one than this server.
 */
export function toInputCommand(command: RunCommand | null): Command | null {
  if (!saysSomething(command)) return null
  const targets = targetsOf(command)
  const sends = targets.flatMap((target): Write[] => (typeof target === 'string' ? [] : [[SENDS, plainSend(target)]]))
  const update = sends.length === 0 ? command.update : [...toWrites(command.update ?? {}), ...sends]
  const nodes = targets.filter((target) => typeof target === 'string')
  return toCommand(command.resume, update, nodes)
}

function saysSomething(command: RunCommand | null): command is RunCommand {
  return command !== null && (command.resume != null || command.update != null || command.goto != null)
}

function toCommand(resume: unknown, update: RunCommand['update'], goto: (string | Send)[]): Command {
  return new Command({
    ...(resume == null ? {} : { resume }),
    ...(update == null ? {} : { update: update as Record<string, unknown> }),
    ...(goto.length === 0 ? {} : { goto }),
  })
}

function targetsOf({ goto }: RunCommand): readonly GotoTarget[] {
  if (goto == null) return []
  return (Array.isArray(goto) ? goto : [goto]) as readonly GotoTarget[]
}

function toNodeOrSend(target: GotoTarget): string | Send {
  return typeof target === 'string' ? target : new Send(target.node, target.input)
}

function plainSend({ node, input }: Exclude<GotoTarget, string>): object {
  return { lg_name: 'Send', node, args: input ?? null }
}

function toWrites(update: NonNullable<RunCommand['update']>): readonly Write[] {
  return Array.isArray(update) ? (update as readonly Write[]) : Object.entries(update)
}
