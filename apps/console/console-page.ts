import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A page and the policy that lets it do what it does and nothing else. */
export interface ConsolePage {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/** Reads the page beside this file; its one script and its one style sheet are allowed by their hashes. */
export function readConsolePage(): ConsolePage {
  const html = readFileSync(join(import.meta.dirname, 'page.html'), 'utf8')
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(html, 'script')}'`,
    `style-src '${hashOf(html, 'style')}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { html, contentSecurityPolicy: policy.join('; ') }
}

function hashOf(html: string, element: 'script' | 'style'): string {
  const content = html.split(`<${element}>`)[1]?.split(`</${element}>`)[0]
  if (content === undefined) throw new Error(`the console page has no ${element}`)
  return `sha256-${createHash('sha256').update(content).digest('base64')}`
}
