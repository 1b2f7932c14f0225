// Writes dist/apps/server/api-docs/openapi.json: routes from Nest (nothing is opened or started), types from the source.
import 'reflect-metadata'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger'
import { STATUS_CODES } from 'node:http'
import { faultsOf, securityOf } from './faults.mjs'
import { readHandlers } from './handlers.mjs'

const { AppModule } = await import('../../dist/apps/server/app.module.js')
const { loadSettings } = await import('../../dist/libs/config/index.js')
const { JsonLogger, PACKAGE_VERSION } = await import('../../dist/libs/kernel/index.js')

const folder = mkdtempSync(join(tmpdir(), 'signalbox-openapi-'))
writeFileSync(join(folder, 'graph.js'), '')
writeFileSync(join(folder, 'langgraph.json'), '{"graphs":{"graph":"./graph.js:graph"}}')
const settings = loadSettings({ mode: 'start', configFile: join(folder, 'langgraph.json'), environment: {} })
const root = AppModule.register({ settings, logger: JsonLogger.create('silent') }, () => undefined)
const app = await NestFactory.create(root, new FastifyAdapter(), { preview: true, logger: false })
const head = new DocumentBuilder()
  .setTitle('Signalbox')
  .setDescription('LangGraph Agent Server API')
  .setVersion(PACKAGE_VERSION)
  .setOpenAPIVersion('3.1.0')
  .build()
const document = SwaggerModule.createDocument(app, head, {
  operationIdFactory: (controller, method, version) => `${controller}_${method}${version ? `_${version}` : ''}`,
})
rmSync(folder, { recursive: true, force: true })

const { handlers, components } = readHandlers('tsconfig.build.json')
const FAULT = { 'application/json': { schema: { $ref: '#/components/schemas/Fault' } } }
/** Routes of the server itself, which stand together. */
const SYSTEM = new Set(['', 'ok', 'info', 'metrics', 'health', 'docs', 'openapi.json'])
/** How Nest names what a `*` of a route takes in the path, but not among its parameters. */
const REST = 'path'
const ids = new Map()
for (const [path, operations] of Object.entries(document.paths)) {
  for (const [method, operation] of Object.entries(operations)) complete(operation, method, path)
}
document.components = {
  securitySchemes: { adminKey: { type: 'apiKey', in: 'header', name: 'x-admin-key' } },
  schemas: {
    ...components,
    Fault: { type: 'object', properties: { detail: { type: 'string' } }, required: ['detail'] },
  },
}
document.servers = [{ url: '/' }]
writeFileSync('dist/apps/server/api-docs/openapi.json', `${JSON.stringify(document, null, 1)}\n`)

/** Puts what the source says into one operation of the document. */
function complete(operation, method, path) {
  const handler = handlers.get(operation.operationId.replace(/\[\d+\]$/, ''))
  if (!handler) throw new Error(`no source was found for ${operation.operationId}`)
  const used = (ids.get(operation.operationId) ?? 0) + 1
  ids.set(operation.operationId, used)
  if (used > 1) operation.operationId += `_${used}`
  operation.tags = [tagOf(path)]
  const security = securityOf(path)
  if (security) operation.security = security
  operation.parameters = [
    ...(operation.parameters ?? []).filter(({ in: place }) => place === 'path'),
    ...handler.queries.map((name) => ({ name, in: 'query' })),
  ].map(({ name, in: place }) => ({
    name: name === '*' ? REST : name,
    in: place,
    required: place === 'path',
    schema: { type: 'string' },
  }))
  if (handler.description) operation.description = handler.description
  delete operation.requestBody
  if (handler.body) operation.requestBody = { content: { 'application/json': { schema: handler.body } } }
  const [given = '200'] = Object.keys(operation.responses).filter((status) => status !== 'default')
  const statuses = [given === '201' ? '200' : given, ...handler.ownStatuses]
  operation.responses = {
    ...Object.fromEntries(statuses.map((status) => [status, answerOf(handler, status)])),
    ...Object.fromEntries(faultsOf({ method, path, handler }).map((status) => [status, faultOf(STATUS_CODES[status])])),
    default: faultOf('Refused, or failed'),
  }
}

/** Under which heading a route stands. */
function tagOf(path) {
  const [, resource] = path.split('/')
  if (SYSTEM.has(resource)) return 'system'
  if (/\/crons(\/|$)/.test(path)) return 'crons'
  return resource === 'thread' ? 'threads' : resource
}

function faultOf(reason) {
  return { description: `${reason}; the detail says why.`, content: FAULT }
}

function answerOf(handler, status) {
  if (handler.isStream) {
    return { description: 'Server-sent events.', content: { 'text/event-stream': { schema: { type: 'string' } } } }
  }
  if (status === '202' || status === '204') return { description: 'Done; no content.' }
  // A handler that sends by itself answers what a graph has left, which may be any JSON.
  const schema = handler.isEmpty ? {} : handler.answer
  const description = handler.isEmpty ? 'The values at the end of the run, or the error that ended it.' : 'Done.'
  return { description, content: { 'application/json': { schema } } }
}
