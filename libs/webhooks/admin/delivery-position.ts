import { invalidRequest, isUuid } from '#kernel'

/** A place in the order of deliveries: by their creation, then by their id. */
export interface DeliveryPosition {
  /** Microseconds since 1970, as the database counts them: a Date would lose the last three digits. */
  readonly createdMicros: string
  readonly deliveryId: string
}

/** The position as a client gets it: opaque. */
export function toCursor({ createdMicros, deliveryId }: DeliveryPosition): string {
  return Buffer.from(`${createdMicros}.${deliveryId}`).toString('base64url')
}

/** The position of a cursor; null when there is none. @throws AppError 422 for a text that is no cursor of ours. */
export function parseCursor(text: string): DeliveryPosition | null {
  if (text === '') return null
  const [createdMicros = '', deliveryId = ''] = Buffer.from(text, 'base64url').toString().split('.')
  const position = { createdMicros, deliveryId }
  const isOurs = /^\d{1,16}$/.test(createdMicros) && isUuid(deliveryId) && toCursor(position) === text
  if (isOurs) return position
  throw invalidRequest('cursor: must be the next_cursor of an earlier answer')
}
