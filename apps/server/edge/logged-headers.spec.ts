import 'reflect-metadata'
import { expect, it } from 'vitest'
import { loggedHeaders } from './logged-headers.js'

const FILLED = new Set(['x-door'])

const HEADERS = {
  authorization: 'Bearer hush',
  cookie: 'hush',
  'x-api-key': 'hush',
  'x-session-id': 's',
  'x-door': 'hush',
  'x-team': 't',
  'x-tags': ['a', 'b'],
  accept: '*/*',
}

it.each([
  [[], [], []],
  [['*'], [], ['x-team', 'x-tags', 'accept']],
  [['x-*'], ['x-tags'], ['x-team']],
  [['x-session-id'], [], ['x-session-id']],
  [['x-session-*'], [], []],
  [['authorization', 'cookie', 'x-api-key', 'x-door'], [], []],
])('includes %j without %j are %j', (includes, excludes, names) => {
  expect(Object.keys(loggedHeaders(HEADERS, { includes, excludes }, FILLED))).toEqual(names)
})
