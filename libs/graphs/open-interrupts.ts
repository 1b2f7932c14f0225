import type { StateSnapshot } from '@langchain/langgraph'

type Task = StateSnapshot['tasks'][number]

/** Whether the task waits for an answer. LangGraph goes on listing an interrupt after its task has given its result. */
export function isAsking(task: Task): boolean {
  return task.interrupts.length > 0 && (task as { result?: unknown }).result === undefined
}

/**
 * The nodes that are next. LangGraph leaves out a task that has had an answer, also when it asks once more: then the
 * ones that ask are next.
 */
export function nextNodes({ next, tasks }: StateSnapshot): string[] {
  return next.length > 0 ? next : tasks.filter(isAsking).map((task) => task.name)
}
