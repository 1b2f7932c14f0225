import 'reflect-metadata'
import { expect, it } from 'vitest'
import { parseDurationMs } from './durations.js'

it.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5m', 90_000],
  [' 2h ', 7_200_000],
  ['30d', 2_592_000_000],
  ['0.5d', 43_200_000],
  ['365d', 31_536_000_000],
  ['0s', 0],
])('reads %j as %i ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms)
})

it.each(['', '30', 'd', '-1d', '1 d', '1D', '1w', '366d', '1d12h', '.5d', '1e3s'])('does not take %j', (text) => {
  expect(parseDurationMs(text)).toBeNull()
})
