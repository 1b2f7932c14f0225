import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres'

/**
 * LangGraph's PostgreSQL saver, mended in two places.
 *
 * The versions of a channel are such that no two branches of a thread share one. The saver keeps a value once per
 * version and never writes it again; counting 1, 2, 3, … as LangGraph does by itself, a fork (a run or an update at an
 * older checkpoint, or a run after a rolled back one) would meet the numbers of the branch that it left, and read that
 * branch's values instead of its own.
 *
 * Metadata is read as it is stored: LangGraph would make objects of what looks like a serialised one, and where it
 * cannot, fail on that checkpoint for ever.
 */
export class ThreadSaver extends PostgresSaver {
  /** Greater than the current one, as LangGraph asks; the fraction is chance. */
  override getNextVersion(current: number | undefined): number {
    return Math.floor(current ?? 0) + 1 + Math.random()
  }

  /** Nothing is made of it. */
  protected override _loadMetadata(metadata: Record<string, unknown>): Promise<Record<string, unknown>> {
    return Promise.resolve(metadata)
  }
}
