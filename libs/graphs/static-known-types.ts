import type ts from 'typescript'
import type { TypeScript } from './static-project.js'

/** A LangChain message, known by its shape: it may come from any copy of the package. */
export function isMessageType(type: ts.Type): boolean {
  return type.getProperty('getType') !== undefined && type.getProperty('toDict') !== undefined
}

/** A list of messages, or what LangGraph makes one of: a union in which such a list stands. */
export function isMessageList(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some((part) => isMessageList(checker, part))
  if (!checker.isArrayType(type)) return false
  const [item] = checker.getTypeArguments(type as ts.TypeReference)
  const items = item?.isUnion() ? item.types : item ? [item] : []
  return items.some(isMessageType)
}

/** An object of the language or of Node (`Map`, `URL`, `Buffer`): what JSON makes of it, its type does not tell. */
export function isForeignObject(ts: TypeScript, program: ts.Program, type: ts.Type): boolean {
  const { declarations = [], flags } = (type.symbol as ts.Symbol | undefined) ?? { flags: 0 }
  if (!(flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) || declarations.length === 0) return false
  return declarations.every((declaration) => {
    const file = declaration.getSourceFile()
    return program.isSourceFileDefaultLibrary(file) || file.fileName.includes('/node_modules/@types/node/')
  })
}
