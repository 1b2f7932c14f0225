/** A use that reads a big table from end to end, and why no index is made for it. */
export interface WholeRead {
  /** Titles of the room's cases. */
  readonly cases: RegExp
  readonly table: string
  readonly why: string
}

/** Few, and each argued. */
export const WHOLE_READS: Readonly<Record<string, readonly WholeRead[]>> = {
  'finding threads': [
    {
      cases: /by values/,
      table: 'threads',
      why: 'values are the whole state and change with each run: an index over them would cost a run more than all else it writes',
    },
  ],
  assistants: [
    {
      cases: /^count, (any|by name)$/,
      table: 'assistants',
      why: 'all are counted, or all names looked into: that takes all rows or a whole index; pg_trgm is an extension that not everybody may switch on',
    },
  ],
  crons: [
    {
      cases: /^(any|disabled), by (thread_id|next_run_date|end_time) /,
      table: 'crons',
      why: 'nulls last in both directions takes two indexes a column, which each firing would write',
    },
    {
      cases: /^count, (any|disabled)$/,
      table: 'crons',
      why: 'all are counted, or those with one of two values',
    },
  ],
  vectors: [
    {
      cases: /^anywhere$/,
      table: 'store_items',
      why: 'every vector is looked at: an approximate index would leave out items that a filter lets through',
    },
  ],
}
