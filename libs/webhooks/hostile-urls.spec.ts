import 'reflect-metadata'
import { describe, expect, it } from 'vitest'
import { ACCEPTED_URLS, HOSTILE_URLS } from '../../test/fixtures/webhook-urls.js'
import { judgeUrlText, NOT_ALLOWED } from './url-text-policy.js'
import { webhookSettings } from './webhook-settings.spec.support.js'

describe('the table of hostile URLs', () => {
  it.each(HOSTILE_URLS)('%j is refused by the rule "%s"', (url, rule) => {
    const judgement = judgeUrlText(url, webhookSettings())
    expect(judgement).toMatchObject({ ok: false, rule })
    if (rule === 'not_public') expect(judgement).toMatchObject({ detail: NOT_ALLOWED })
  })

  it.each(ACCEPTED_URLS)('%s is accepted', (url, hostKey, requestPath) => {
    expect(judgeUrlText(url, webhookSettings())).toMatchObject({ ok: true, target: { hostKey, requestPath } })
  })
})
