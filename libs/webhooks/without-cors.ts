import type { FastifyReply } from 'fastify'

/** Reading routes answer no page of another site, whatever `http.cors` says (webhooks contract section 6). */
export function withoutCors(reply: FastifyReply): void {
  for (const name of Object.keys(reply.getHeaders())) {
    if (name.startsWith('access-control-')) reply.removeHeader(name)
  }
}
