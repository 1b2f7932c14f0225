// The sections, in the order of the page.
import { durability } from './durability.mjs'
import { growth } from './growth.mjs'
import { idle } from './idle.mjs'
import { starts } from './starts.mjs'
import { streams } from './streams.mjs'
import { throughput } from './throughput.mjs'
import { webhooks } from './webhooks.mjs'
import { workers } from './workers.mjs'

/** @type {import('../section.mjs').SectionPlan[]} */
export const SECTIONS = [idle, throughput, webhooks, streams, durability, starts, growth, workers]
