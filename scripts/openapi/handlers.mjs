// What the source says of each controller's handlers: docstring, body, answer, status, by `Controller_method`.
import ts from 'typescript'
import { queryNames } from './queries.mjs'
import { TypeSchemas } from './type-schemas.mjs'

/** Reads all controllers of the program. */
export function readHandlers(configFile) {
  const { config } = ts.readConfigFile(configFile, (path) => ts.sys.readFile(path))
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd())
  const program = ts.createProgram(fileNames, options)
  const schemas = new TypeSchemas(program.getTypeChecker())
  const handlers = new Map()
  for (const file of program.getSourceFiles()) {
    if (!file.fileName.endsWith('.controller.ts')) continue
    ts.forEachChild(file, (node) => {
      if (!ts.isClassDeclaration(node) || !node.name) return
      for (const member of node.members) {
        if (ts.isMethodDeclaration(member))
          handlers.set(`${node.name.text}_${member.name.getText()}`, read(member, schemas))
      }
    })
  }
  return { handlers, components: schemas.components }
}

function read(method, schemas) {
  const { checker } = schemas
  const body = method.parameters.find((parameter) => decoratorOf(parameter, 'Body'))
  const symbol = checker.getSymbolAtLocation(method.name)
  const signature = checker.getSignatureFromDeclaration(method)
  const answer = checker.getReturnTypeOfSignature(signature)
  const awaited = checker.getAwaitedType(answer) ?? answer
  return {
    ...schemas.describe(symbol),
    body: body ? schemas.of(checker.getTypeAtLocation(body)) : null,
    isEmpty: Boolean(awaited.flags & ts.TypeFlags.Void),
    answer: schemas.of(awaited),
    isStream: /stream/i.test(method.name.getText()),
    takesBody: body !== undefined,
    ownStatuses: ownStatuses(method),
    queries: queryNames(method, checker),
  }
}

function decoratorOf(node, name) {
  return (ts.getDecorators(node) ?? []).find(
    ({ expression }) => ts.isCallExpression(expression) && expression.expression.getText() === name,
  )
}

/** Statuses that a handler sets by itself: `reply.status(204)`. */
function ownStatuses(method) {
  const statuses = []
  const visit = (node) => {
    const [status] = ts.isCallExpression(node) ? node.arguments : []
    if (status && ts.isNumericLiteral(status) && /^reply\.(status|code)$/.test(node.expression.getText()))
      statuses.push(status.text)
    ts.forEachChild(node, visit)
  }
  visit(method.body)
  return statuses
}
