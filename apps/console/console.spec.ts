import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { Test } from '@nestjs/testing'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConsoleModule } from './console.module.js'

let app: NestFastifyApplication
let html: string
let policy: string

beforeAll(async () => {
  const module = await Test.createTestingModule({ imports: [ConsoleModule] }).compile()
  app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter())
  await app.init()
  const answer = await app.inject({ method: 'GET', url: '/console' })
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  html = answer.body
  policy = String(answer.headers['content-security-policy'])
})

afterAll(() => app.close())

function contentOf(element: string): string {
  return new RegExp(`<${element}>([^]*?)</${element}>`).exec(html)?.[1] ?? ''
}

it('allows its own script and style by hash, and nothing from anywhere else', () => {
  for (const element of ['script', 'style']) {
    const hash = createHash('sha256').update(contentOf(element)).digest('base64')
    expect(policy).toContain(`${element}-src 'sha256-${hash}'`)
  }
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(html).not.toMatch(/(?:src|href)=|https?:\/\//)
})

it('has a script that parses, no inline handlers, and writes what came from outside as text only', () => {
  expect(() => new Script(contentOf('script'))).not.toThrow()
  expect(html).not.toMatch(/\son[a-z]+=|style="|javascript:/)
  expect(contentOf('script')).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval/)
})
