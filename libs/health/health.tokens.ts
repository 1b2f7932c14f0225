/** What `GET /info` answers. */
export const SERVER_INFO = Symbol('SERVER_INFO')
