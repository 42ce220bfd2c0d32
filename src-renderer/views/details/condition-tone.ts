/** Types whose `True` is a problem, and whose `False` is well. */
const adverse =
  /Pressure$|Failed$|Failure$|Failing$|Error$|Unavailable$|^FailureTarget$|^Degraded$|^Stalled$|^Dangling$|^Denied$|^NonStructuralSchema$|DisruptionTarget|^Conflicted$|^OverlappingTLSConfig$|^PartiallyInvalid$|^NoPodsMatched$|^LowConfidence$|^ConfigUnsupported$|^ConfigDeprecated$/
/** Types that tell of something under way, or of a choice that was made: nothing is wrong while they are `False`. */
const passing = /Resizing$|ResizePending$|ResizeInProgress$|^ModifyingVolume$|^Suspended$|^Terminating$|^Namespace\w+Remaining$/

/** How a condition of any kind looks: whether its `True` is good depends on its type. */
export function conditionTone({ type, status }: { type: string; status: string }): 'ok' | 'warn' | 'bad' | 'busy' | 'off' {
  if (passing.test(type)) return status === 'True' ? 'busy' : 'off'
  // An autoscaler at its bounds works as it was told to.
  if (type === 'ScalingLimited') return status === 'False' ? 'ok' : 'warn'
  if (status === 'Unknown') return 'warn'
  return (status === 'True') === adverse.test(type) ? 'bad' : 'ok'
}
