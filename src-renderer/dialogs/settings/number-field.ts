/** The number in a field, rounded and within the field's bounds, or nothing where it holds none: the default. */
export function numberOf(e: Event): number | undefined {
  const { valueAsNumber: n, min, max } = e.target as HTMLInputElement
  return Number.isFinite(n) ? Math.min(Number(max), Math.max(Number(min), Math.round(n))) : undefined
}

/** Whether a check box is ticked now. */
export const tickedIn = (e: Event): boolean => (e.target as HTMLInputElement).checked
