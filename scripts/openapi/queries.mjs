// Which query parameters a handler reads: named by `@Query('name')`, or read from the whole object on its way down.
import ts from 'typescript'

/** The names, in the order in which the source reads them. */
export function queryNames(method, checker) {
  const names = method.parameters.flatMap((parameter) => {
    const query = queryDecorator(parameter)
    if (!query) return []
    const [name] = query.arguments
    return name ? [name.text] : namesReadFrom(method.body, parameter, checker)
  })
  return [...new Set(names)]
}

function queryDecorator(parameter) {
  const calls = (ts.getDecorators(parameter) ?? []).map(({ expression }) => expression)
  return calls.find((call) => ts.isCallExpression(call) && call.expression.getText() === 'Query')
}

/** The keys that `body` reads of a parameter, itself or by functions that it hands the parameter to. */
function namesReadFrom(body, parameter, checker) {
  const symbol = checker.getSymbolAtLocation(parameter.name)
  const isIt = (node) => ts.isIdentifier(node) && checker.getSymbolAtLocation(node) === symbol
  const names = []
  const visit = (node) => {
    if (ts.isElementAccessExpression(node) && isIt(node.expression)) names.push(...keysOf(node.argumentExpression))
    if (ts.isCallExpression(node)) {
      const place = node.arguments.findIndex(isIt)
      const called = place === -1 ? null : declarationOf(node, checker)
      if (called?.body) names.push(...namesReadFrom(called.body, called.parameters[place], checker))
    }
    ts.forEachChild(node, visit)
  }
  visit(body)
  return names
}

/** A literal; or the loop's variable over a list of literals. */
function keysOf(key) {
  if (ts.isStringLiteral(key)) return [key.text]
  const loop = ts.findAncestor(
    key,
    (node) =>
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      ts.isArrayLiteralExpression(node.expression.expression),
  )
  return loop ? loop.expression.expression.elements.filter(ts.isStringLiteral).map(({ text }) => text) : []
}

function declarationOf(call, checker) {
  return checker.getResolvedSignature(call)?.declaration
}
