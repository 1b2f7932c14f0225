import { expect, it } from 'vitest'
import { startFault } from './start-fault.js'

const said = (code: string, message: string) => startFault(Object.assign(new Error(message), { code }))?.message

it.each([
  ['53300', 'sorry, too many clients already', /takes no more connections \(sorry, too .*SIGNALBOX_DATABASE_POOL/],
  ['57P03', 'the database system is starting up', /cannot be reached \(the database system is starting up\)/],
  ['08006', 'the connection was lost', /cannot be reached \(the connection was lost\)/],
  ['ECONNREFUSED', 'connect ECONNREFUSED', /cannot be reached \(connect ECONNREFUSED\)/],
  ['3D000', 'database "x" does not exist', /does not exist .*CREATE DATABASE/],
  ['28P01', 'password authentication failed', /does not let in the user/],
])('a start that meets %s says what to do', (code, message, sentence) => {
  expect(said(code, message)).toMatch(sentence)
})

it('what is no fault of the connection stays what it is', () => {
  expect(said('42P01', 'relation "x" does not exist')).toBe(undefined)
  expect(startFault('thrown')).toBe(null)
})
