import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Controller, Get, Header } from '@nestjs/common'
import { type HttpSettings, Settings } from '#config'
import { PACKAGE_VERSION } from '#kernel'
import { routeNotFound } from '../edge/edge.errors.js'
import { type ApiDocument, documentFor, readApiDocument } from './api-document.js'

const PAGE = readFileSync(new URL('page.html', import.meta.url), 'utf8')

/** The page's own style and script by their hashes, and nothing from anywhere else. */
const POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  `style-src ${hashOf('style')}`,
  `script-src ${hashOf('script')}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What this server is and where it describes itself. */
interface Greeting {
  readonly name: 'signalbox'
  readonly version: string
  readonly ok: true
  /** Paths with the mount prefix; null where `http.disable_meta` has taken them away. */
  readonly docs: string | null
  readonly openapi: string | null
}

/** The reference of the API, for programs and for people (contract section 10). */
@Controller()
export class ApiDocsController {
  readonly #document: ApiDocument | null
  readonly #greeting: Greeting

  constructor(settings: Settings) {
    const document = readApiDocument()
    this.#document = document && documentFor(document, settings.http, settings.authDocument)
    this.#greeting = greetingOf(settings.http)
  }

  /** What answers here, for whoever looks at the address alone. */
  @Get()
  greet(): Greeting {
    return this.#greeting
  }

  /** This document: OpenAPI 3.1. */
  @Get('openapi.json')
  document(): object {
    if (!this.#document) throw routeNotFound()
    return this.#document
  }

  /** A page to read it on. */
  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('x-content-type-options', 'nosniff')
  page(): string {
    return PAGE
  }
}

function greetingOf({ mountPrefix, disabled }: HttpSettings): Greeting {
  const pathOf = (page: string): string | null => (disabled.includes('meta') ? null : `${mountPrefix}/${page}`)
  return {
    name: 'signalbox',
    version: PACKAGE_VERSION,
    ok: true,
    docs: pathOf('docs'),
    openapi: pathOf('openapi.json'),
  }
}

function hashOf(tag: 'style' | 'script'): string {
  const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(PAGE)?.[1] ?? ''
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
