// A section as text: one table with who was measured in columns, notes, and what failed.
import { median } from '../support/statistics.mjs'

/** @param {any} section */
export function sectionText(section) {
  return [`## ${section.title}`, section.about, table(section), ...section.notes, ...failures(section)].join('\n\n')
}

function table(section) {
  const columns = Object.keys(section.columns).filter((id) => isMentioned(section, id))
  const rows = section.rows.filter(({ id }) => section.samples[id])
  if (rows.length === 0) return '_Nothing was measured._'
  return [
    `| | ${columns.map((id) => section.columns[id]).join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${heading(row)} | ${columns.map((id) => cell(section, row, id)).join(' | ')} |`),
  ].join('\n')
}

function isMentioned({ samples, failures }, id) {
  return Object.values(samples).some((ofRow) => ofRow[id]) || failures.some(({ who }) => who === id)
}

function heading({ label, unit }) {
  return unit ? `${label}, ${unit}` : label
}

function cell({ samples, failures }, { id, digits = 1 }, who) {
  const values = samples[id]?.[who]
  if (!values) return failures.some((failure) => failure.who === who) ? '**failed**' : ''
  const text = (value) => value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const [least, greatest] = [Math.min(...values), Math.max(...values)].map(text)
  return values.length === 1 ? text(values[0]) : `${text(median(values))} (${least}–${greatest})`
}

function failures({ failures: all, columns }) {
  return all.map(
    ({ who, message }) => `**Failed**${who ? ` (${columns[who] ?? who})` : ''}: ${message.replaceAll('\n', ' ')}`,
  )
}
