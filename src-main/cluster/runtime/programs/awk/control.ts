/** What leaves a rule, a loop or a function of awk before its end. */
import type { Scalar } from './values.js'

export class Next {}
export class NextFile {}
export class Exit {
  constructor(readonly code: number | undefined) {}
}
export class ReturnValue {
  constructor(readonly value: Scalar) {}
}
export class Loop {
  constructor(readonly kind: 'break' | 'continue') {}
}
