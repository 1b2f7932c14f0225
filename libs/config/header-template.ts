/** A part of a configured header value: a literal, or the variable to put in its place. */
export type TemplatePart = { readonly literal: string } | { readonly variable: string }

const VARIABLE = /^\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*$/
/** What was surely meant as a template: `{{ env.X }}`, `${env.X}`, `$ {{ env.X }}`. */
const NEAR_MISS = /\{\s*env\s*\./

/** Splits `literal ${{ env.NAME }} …` (webhooks contract 4) into its parts; null when a template is malformed. */
export function parseHeaderTemplate(text: string): readonly TemplatePart[] | null {
  const parts: TemplatePart[] = []
  let rest = text
  for (let start = rest.indexOf('${{'); start !== -1; start = rest.indexOf('${{')) {
    const end = rest.indexOf('}}', start)
    const variable = end === -1 ? undefined : VARIABLE.exec(rest.slice(start + 3, end))?.[1]
    if (variable === undefined) return null
    parts.push({ literal: rest.slice(0, start) }, { variable })
    rest = rest.slice(end + 2)
  }
  parts.push({ literal: rest })
  return parts.some((part) => 'literal' in part && NEAR_MISS.test(part.literal)) ? null : parts
}
