import { defineError } from '#kernel'

/** No assistant of this id (contract 3.3). */
export const assistantNotFound = defineError({
  code: 'assistant_not_found',
  status: 404,
  message: () => 'Assistant not found',
})

/** The assistant never had this version (contract 3.9). */
export const assistantVersionNotFound = defineError({
  code: 'assistant_version_not_found',
  status: 404,
  message: () => 'Assistant version not found',
})

/** Versions are asked for of an assistant that does not exist (contract 3.8). */
export const noVersionsOf = defineError({
  code: 'no_versions_of_assistant',
  status: 404,
  message: (id: string) => `Assistant "${id}" not found.`,
})

/** The id of a new assistant is taken (contract 3.2). */
export const assistantExists = defineError({
  code: 'assistant_exists',
  status: 409,
  message: () => 'Assistant already exists',
})

/** A run names neither an assistant nor a graph (contract 5.3). */
export const noAssistantFor = defineError({
  code: 'no_assistant_for_run',
  status: 404,
  message: (id: string) =>
    `No assistant found for "${id}". Make sure the assistant ID is for a valid assistant or a valid graph ID.`,
})
