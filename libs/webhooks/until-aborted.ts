import { aborted } from '#kernel'

/** The work's result, unless the signal aborts first; the work itself goes on unheard. */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const cut = aborted(signal).then(() => {
    throw new Error('aborted')
  })
  return Promise.race([work, cut])
}
