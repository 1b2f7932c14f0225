import type { AddressInfo } from 'node:net'
import type { NestFastifyApplication } from '@nestjs/platform-fastify'
import type { HttpSettings } from '#config'
import { startRefused } from '#kernel'

/** Opens the port and returns its number. @throws AppError `start_refused` when it cannot be had. */
export async function listen(app: NestFastifyApplication, { host, port }: HttpSettings): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const sentence = refusal(error, host, port)
    throw sentence === null ? error : startRefused(sentence)
  }
  return (app.getHttpServer().address() as AddressInfo).port
}

function refusal(error: unknown, host: string, port: number): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is already in use. Choose another with --port.`
  if (code === 'EACCES') return `Port ${port} on ${host} may not be opened by this user. Choose another with --port.`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${host} is not an address of this machine. Choose another with --host.`
  return null
}
