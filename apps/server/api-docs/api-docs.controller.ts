import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Controller, Get, Header } from '@nestjs/common'
import { Settings } from '#config'
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

/** The reference of the API, for programs and for people (contract section 10). */
@Controller()
export class ApiDocsController {
  readonly #document: ApiDocument | null

  constructor(settings: Settings) {
    const document = readApiDocument()
    this.#document = document && documentFor(document, settings.http)
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

function hashOf(tag: 'style' | 'script'): string {
  const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(PAGE)?.[1] ?? ''
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
