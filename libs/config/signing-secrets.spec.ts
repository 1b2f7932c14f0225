import 'reflect-metadata'
import { expect, it } from 'vitest'
import { type Outcome, readWebhooksBlock as read } from './webhooks.spec.support.js'

const key = (fill: number, bytes = 24): string => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`
const secrets = (text: string): Outcome => read({}, { SIGNALBOX_WEBHOOK_SECRETS: text })

it('reads general ones newest first, and those of one host', () => {
  const { webhooks, faults } = secrets(`${key(1, 32)}, ${key(2)},Api.Example.com=${key(3, 25)},*.b.com=${key(4)}`)
  expect(faults).toEqual([])
  expect(webhooks.secrets).toEqual([
    { host: null, key: Buffer.alloc(32, 1) },
    { host: null, key: Buffer.alloc(24, 2) },
    { host: 'api.example.com', key: Buffer.alloc(25, 3) },
    { host: '*.b.com', key: Buffer.alloc(24, 4) },
  ])
})

it.each([
  [key(9, 23), 'is shorter than 24 bytes'],
  ['whsec_', 'is shorter than 24 bytes'],
  [key(9, 25).replace(/=+$/, ''), 'is not base64 (with padding) after whsec_'],
  ['whsec_not~base64~not~base64~not~base64', 'is not base64 (with padding) after whsec_'],
  [`whsec_${Buffer.alloc(33, 255).toString('base64url')}`, 'is not base64 (with padding) after whsec_'],
  ['hunter2hunter2', 'is neither whsec_… nor host=whsec_…'],
  ['', 'is neither whsec_… nor host=whsec_…'],
  [`a/b=${key(9)}`, 'names something that is neither a host nor "*.suffix"'],
  [`=${key(9)}`, 'names something that is neither a host nor "*.suffix"'],
  [`*=${key(9)}`, 'names something that is neither a host nor "*.suffix"'],
])('refuses %j without showing it', (entry, problem) => {
  const { faults, text } = secrets(`${key(1)},${entry}`)
  expect(faults).toEqual([`environment: SIGNALBOX_WEBHOOK_SECRETS (entry 2) ${problem}`])
  for (const part of entry.split('whsec_').filter((piece) => piece.length > 4)) expect(text).not.toContain(part)
})
