import { Command, Send } from '@langchain/langgraph'

/** Where a command goes on: a node, or a node with an input of its own. */
export type GotoTarget = string | { readonly node: string; readonly input?: unknown }

/** A command in its wire form (contract 5.6); a key that is null counts as absent. */
export interface RunCommand {
  readonly resume?: unknown
  readonly update?: Readonly<Record<string, unknown>> | readonly (readonly [string, unknown])[] | null
  readonly goto?: GotoTarget | readonly GotoTarget[] | null
}

/** The LangGraph command, or null when the wire form says nothing. */
export function toLangGraphCommand(command: RunCommand | null): Command | null {
  if (!command) return null
  const { resume, update, goto } = command
  if (resume == null && update == null && goto == null) return null
  return new Command({
    ...(resume == null ? {} : { resume }),
    ...(update == null ? {} : { update: update as Record<string, unknown> }),
    ...(goto == null ? {} : { goto: toTargets(goto) }),
  })
}

function toTargets(goto: GotoTarget | readonly GotoTarget[]): (string | Send)[] {
  const targets = (Array.isArray(goto) ? goto : [goto]) as readonly GotoTarget[]
  return targets.map((target) => (typeof target === 'string' ? target : new Send(target.node, target.input)))
}
