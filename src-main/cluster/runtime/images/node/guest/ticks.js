// process.nextTick: before promises, and before anything else happens.
const queue = []
exports.nextTick = (fn, ...args) => void queue.push([fn, args])
/** Runs what is queued; tells whether there was something. */
exports.drain = () => {
  if (queue.length === 0) return false
  for (let next = queue.shift(); next; next = queue.shift()) kernel.enter(next[0], undefined, ...next[1])
  return true
}
