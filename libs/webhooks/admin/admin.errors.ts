import { defineError } from '#kernel'

/** No delivery of this id, or not any more. */
export const deliveryNotFound = defineError({
  code: 'delivery_not_found',
  status: 404,
  message: (deliveryId: string) => `Delivery with ID ${deliveryId} not found`,
})

/** Its attempt is under way: what becomes of it is not known yet. */
export const deliveryIsBeingSent = defineError({
  code: 'delivery_is_being_sent',
  status: 409,
  message: (wish: 'redelivered' | 'cancelled') => `The delivery is being sent and cannot be ${wish}; try again`,
})

/** It has ended: nothing is left to be cancelled. */
export const deliveryHasEnded = defineError({
  code: 'delivery_has_ended',
  status: 409,
  message: (status: 'delivered' | 'dead') => `The delivery is ${status} already: there is no further attempt`,
})

/** The retention has removed the body, or it could never be built: there is nothing to be sent again. */
export const deliveryBodyRemoved = defineError({
  code: 'delivery_body_removed',
  status: 410,
  message: () => 'The body of this delivery was removed: it cannot be sent again',
})

/** Nothing is sent while webhooks are off. */
export const webhooksAreOff = defineError({
  code: 'webhooks_are_off',
  status: 409,
  message: (by: 'file' | 'switch') =>
    by === 'file'
      ? 'Webhooks are off by http.disable_webhooks of the configuration'
      : 'Webhooks are switched off: switch them on first (PATCH /webhooks/settings)',
})
