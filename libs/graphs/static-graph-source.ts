import type ts from 'typescript'
import type { TypeScript } from './static-project.js'

/**
 * Finds in source code which nodes a graph is given: a graph's type does not tell. It follows the chain of calls that
 * builds the graph (`new StateGraph(…).addNode(…).compile()`), variables, imports and what functions return.
 */
export class GraphSource {
  constructor(
    private readonly ts: TypeScript,
    private readonly checker: ts.TypeChecker,
  ) {}

  /** The export of that name, behind whatever re-exports it; null when there is none. */
  findExport(file: ts.SourceFile | undefined, name: string): ts.Symbol | null {
    const module = file && this.checker.getSymbolAtLocation(file)
    const found = module && this.checker.getExportsOfModule(module).find((symbol) => symbol.name === name)
    return found ? this.#original(found) : null
  }

  /** What each node of the graph behind the symbol is given, by the node's name. */
  nodesOfSymbol(symbol: ts.Symbol): ReadonlyMap<string, ts.Node> {
    return this.#nodesIn((nodes) => this.#followSymbol(symbol, nodes))
  }

  /** What each node of the graph that the expression gives is given. */
  nodesOf(expression: ts.Node): ReadonlyMap<string, ts.Node> {
    return this.#nodesIn((search) => this.#follow(expression, search))
  }

  #nodesIn(search: (search: Search) => void): ReadonlyMap<string, ts.Node> {
    const found: Search = { nodes: new Map(), seen: new Set() }
    search(found)
    return found.nodes
  }

  #follow(given: ts.Node, search: Search): void {
    const { ts } = this
    const node = this.#bare(given)
    if (ts.isCallExpression(node)) {
      this.#noteNodes(node, search)
      this.#follow(
        ts.isPropertyAccessExpression(node.expression) ? chainBelow(node.expression) : node.expression,
        search,
      )
    } else if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) {
      const symbol = this.checker.getSymbolAtLocation(node)
      if (symbol) this.#followSymbol(this.#original(symbol), search)
    } else if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) this.#followBody(node.body, search)
  }

  #followSymbol(symbol: ts.Symbol, search: Search): void {
    if (search.seen.has(symbol)) return
    search.seen.add(symbol)
    const { ts } = this
    for (const declaration of symbol.declarations ?? []) {
      if (ts.isExportAssignment(declaration)) this.#follow(declaration.expression, search)
      else if (ts.isFunctionDeclaration(declaration) && declaration.body) this.#followBody(declaration.body, search)
      else if (ts.isVariableDeclaration(declaration) && declaration.initializer) {
        this.#follow(declaration.initializer, search)
        this.#findStatements(declaration.getSourceFile(), symbol, search)
      }
    }
  }

  /** What a function gives: its expression, or what stands behind each `return` of its own. */
  #followBody(body: ts.ConciseBody, search: Search): void {
    if (!this.ts.isBlock(body)) return this.#follow(body, search)
    const visit = (node: ts.Node): void => {
      if (this.ts.isFunctionLike(node)) return
      if (this.ts.isReturnStatement(node) && node.expression) this.#follow(node.expression, search)
      else this.ts.forEachChild(node, visit)
    }
    visit(body)
  }

  /** `builder.addNode(…)` in statements of its own. */
  #findStatements(file: ts.SourceFile, builder: ts.Symbol, search: Search): void {
    const { ts } = this
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && this.checker.getSymbolAtLocation(this.#rootOf(node)) === builder) {
        this.#noteNodes(node, search)
      }
      ts.forEachChild(node, visit)
    }
    visit(file)
  }

  /** The beginning of a chain of calls. */
  #rootOf(node: ts.Node): ts.Node {
    let root = this.#bare(node)
    while (this.ts.isCallExpression(root) && this.ts.isPropertyAccessExpression(root.expression)) {
      root = this.#bare(chainBelow(root.expression))
    }
    return root
  }

  /** Takes `addNode(name, node)`, `addNode({ name: node })` and `addNode([[name, node]])`. */
  #noteNodes({ expression, arguments: [first, second] }: ts.CallExpression, { nodes }: Search): void {
    const { ts } = this
    if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'addNode' || !first) return
    const note = (name: ts.Node | undefined, node: ts.Expression | undefined) => {
      const text = name && this.#textOf(name)
      if (text && node) nodes.set(text, this.#bare(node))
    }
    if (ts.isObjectLiteralExpression(first)) {
      for (const property of first.properties) {
        if (ts.isPropertyAssignment(property)) note(property.name, property.initializer)
        else if (ts.isShorthandPropertyAssignment(property)) note(property.name, property.name)
      }
    } else if (ts.isArrayLiteralExpression(first)) {
      for (const pair of first.elements) if (ts.isArrayLiteralExpression(pair)) note(pair.elements[0], pair.elements[1])
    } else note(first, second)
  }

  /** The text of a name: a property's, or of any expression whose type is one text. */
  #textOf(name: ts.Node): string | null {
    if (this.ts.isIdentifier(name) && this.ts.isObjectLiteralElementLike(name.parent)) return name.text
    if (this.ts.isStringLiteralLike(name)) return name.text
    const type = this.checker.getTypeAtLocation(name)
    return type.isStringLiteral() ? type.value : null
  }

  #bare(node: ts.Node): ts.Node {
    const { ts } = this
    let bare = node
    while (ts.isAwaitExpression(bare) || ts.isParenthesizedExpression(bare) || isAssertion(ts, bare)) {
      bare = bare.expression
    }
    return bare
  }

  #original(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & this.ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol
  }
}

/** What has been found, and where has been looked. */
interface Search {
  readonly nodes: Map<string, ts.Node>
  readonly seen: Set<ts.Symbol>
}

function chainBelow(access: ts.PropertyAccessExpression): ts.Expression {
  return access.expression
}

function isAssertion(ts: TypeScript, node: ts.Node): node is ts.AsExpression | ts.SatisfiesExpression {
  return ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node)
}
