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

/** No route has this path, or a switch of `http` has taken it away. */
export const routeNotFound = defineError({ code: 'route_not_found', status: 404, message: () => 'Not Found' })

/** The path has routes, and none for this method (contract section 15). */
export const methodNotAllowed = defineError({
  code: 'method_not_allowed',
  status: 405,
  message: () => 'Method Not Allowed',
})

/** More headers than a request may have. */
export const headersTooLarge = defineError({
  code: 'headers_too_large',
  status: 431,
  message: () => 'Request Header Fields Too Large',
})

/** HTTP/1.1 wants a `Host`. */
export const hostMissing = defineError({ code: 'host_missing', status: 400, message: () => 'Host header is missing' })

/** One `Host` is judged, and another may be what somebody in front went by (RFC 9112, 3.2). */
export const hostRepeated = defineError({
  code: 'host_repeated',
  status: 400,
  message: () => 'Host header is repeated',
})
