import { defineError } from '#kernel'

/** No assistant of this id (contract 3.3). */
export const assistantNotFound = defineError({
  code: 'assistant_not_found',
  status: 404,
  message: () => 'Assistant not found',
})

/** A run names neither an assistant nor a graph (contract 5.3). */
export const noAssistantFor = defineError({
  code: 'no_assistant_for_run',
  status: 404,
  message: (id: string) =>
    `No assistant found for "${id}". Make sure the assistant ID is for a valid assistant or a valid graph ID.`,
})
