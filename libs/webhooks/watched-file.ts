import { readFileSync, statSync } from 'node:fs'

/** What is read out of a small file of the system, afresh once the file has changed. */
export class WatchedFile<Content> {
  #changedAt: number | null = null
  #content: Content

  /** `read` gets the file's text; an empty one where there is no file, or none that may be read. */
  constructor(
    private readonly path: string,
    private readonly read: (text: string) => Content,
  ) {
    this.#content = read('')
  }

  /** As the file stands now. */
  get content(): Content {
    const changedAt = changeTime(this.path)
    if (changedAt !== this.#changedAt) {
      this.#changedAt = changedAt
      this.#content = this.read(changedAt === null ? '' : textOf(this.path))
    }
    return this.#content
  }
}

/** In ms; null where there is no such file. */
function changeTime(path: string): number | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null
  } catch {
    // A folder on the way to it is closed to us: the file is as good as none.
    return null
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Closed to us, or gone since its time was read: the system finds none either.
    return ''
  }
}
