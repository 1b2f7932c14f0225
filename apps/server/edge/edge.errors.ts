import { defineError } from '#kernel'

/** The body is not JSON (contract section 15). */
export const invalidJson = defineError({
  code: 'invalid_json',
  status: 422,
  message: () => 'Request body is not valid JSON',
})

/** The body is of a media type that is not read as JSON (contract section 15). */
export const unsupportedMediaType = defineError({
  code: 'unsupported_media_type',
  status: 415,
  message: () => 'Unsupported Media Type',
})
