/** Stands for what is not to be shown. */
export const MASK = '***'
