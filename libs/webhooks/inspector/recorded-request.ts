/** Whether a recorded webhook carries a signature that one of the configured secrets made. */
export type SignatureState = 'valid' | 'invalid' | 'absent' | 'unchecked'

/** One request as the inspector keeps it. */
export interface RecordedRequest {
  readonly id: string
  readonly method: string
  readonly path: string
  /** The query's text, without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly receivedAt: Date
  /** Judged over the whole body, once. */
  readonly signature: SignatureState
}

/** What the inspector tells of a request. */
export interface RecordedRequestView {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  /** Its beginning, where `body_cut` says so. */
  readonly body: string
  readonly body_bytes: number
  readonly body_cut: boolean
  readonly received_at: string
  readonly signature: SignatureState
}
