/**
 * Whether an image reference can be one at all. Follows the grammar of OCI references (distribution/reference): the
 * kubelet refuses a name that breaks it before it asks anybody.
 */

const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const domain = `(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const pathPart = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const reference = new RegExp(
  `^(?:${domain}/)?${pathPart}(?:/${pathPart})*(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
)

/** The reason why a name is no image reference, in the kubelet's words; undefined when it is one. */
export function imageNameError(image: string): string | undefined {
  if (reference.test(image)) return undefined
  const couldNot = `couldn't parse image name ${JSON.stringify(image)}: invalid reference format`
  if (reference.test(image.toLowerCase())) {
    const first = image.split('/')[0]!
    const hasDomain = image.includes('/') && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
    const rest = hasDomain ? image.slice(first.length + 1) : image
    const name = rest.replace(/[:@][^/]*$/, '')
    return `${couldNot}: repository name (${!hasDomain && !name.includes('/') ? `library/${name}` : name}) must be lowercase`
  }
  return couldNot
}
