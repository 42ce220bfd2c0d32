/**
 * Where a path leads. kube-apiserver has two ways of saying that it leads nowhere: built-in resources stand behind a router,
 * which answers with a Status; custom resources are looked up by name, and what is not found is passed on until the last
 * one in the chain says so in plain words.
 */
import { badRequest, methodNotSupported, notFound, StatusError } from '../errors.js'
import type { Kind } from '../kinds/kind.js'
import { pathSegmentName } from '../kinds/rules/names.js'
import { apiVersionOf, type KindSet } from '../kindset.js'
import { isCustom } from './answers.js'
import { subresourceVerbs, verbsOf } from './discovery.js'
import type { Exchange } from './exchange.js'
import { hasMessage } from '../protobuf/messages.js'
import { checkPatchType, checkProduced, LOG_TYPES, TEXT_TYPES } from './negotiate.js'
import { nameInPath, type RequestInfo } from './requestinfo.js'

/** The verbs that methods stand for; another method has none. */
const VERBS = new Set(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'])

/** 404 and 405 as the router says them, before any object is looked at. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
}
export function noSuchMethod(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

/** What nobody has registered is not found, in plain words. */
export function answerNowhere(exchange: Exchange): void {
  exchange.text(404, '404 page not found\n')
}

/**
 * Finds the kind that a path is of; undefined when the path leads nowhere at all. Throws 404 for a built-in resource that
 * there is not, 405 when the path does not take the method, 406 when it makes nothing that the client accepts.
 */
export function routeTo(kinds: KindSet, exchange: Exchange): Kind | undefined {
  const { info } = exchange
  const kind = kinds.find(info.group, info.version, info.resource)
  if (!kind) {
    if (kinds.all().some((k) => k.group === info.group && !isCustom(k))) throw noSuchResource()
    return undefined
  }
  // The metadata of custom resources has a message even where they have none, and so has what is said of an error.
  if (isCustom(kind)) exchange.wholeTypes = TEXT_TYPES
  else if (!hasMessage(apiVersionOf(kind), kind.kind)) exchange.answerTypes = TEXT_TYPES
  if (!isCustom(kind)) {
    checkRoute(kinds, kind, exchange)
    return kind
  }
  const everywhere = info.verb === 'list' || info.verb === 'watch'
  if (kind.namespaced ? !info.namespace && !everywhere : info.namespace) return undefined
  checkCustom(kinds, kind, info)
  return kind
}

function checkCustom(kinds: KindSet, kind: Kind, info: RequestInfo): void {
  const resource = { group: info.group, resource: info.resource }
  const sub = info.subresource ? kinds.rulesOf(kind).subresources?.[info.subresource] : undefined
  if (info.subresource && !sub) throw notFound(resource, nameInPath(info))
  const verbs = sub ? subresourceVerbs(sub) : verbsOf(kind)
  if (!verbs.includes(info.verb)) throw methodNotSupported(resource, VERBS.has(info.verb) ? info.verb : '')
  const ofObject = ['get', 'update', 'patch', 'delete'].includes(info.verb)
  if (ofObject !== (nameInPath(info) !== '')) throw noSuchMethod()
}

function checkRoute(kinds: KindSet, kind: Kind, exchange: Exchange): void {
  const { info, method } = exchange
  // A namespace is in itself: `namespaces/x/namespaces` is no path, though whoever may list in `x` would be let through.
  const itself = info.resource === 'namespaces' && info.namespace === (nameInPath(info) || info.watched)
  const inNamespace = info.namespace !== '' && !itself
  if (inNamespace && !kind.namespaced) throw noSuchResource()
  if (info.subresource) {
    const sub = kinds.rulesOf(kind).subresources?.[info.subresource]
    if (!sub || (kind.namespaced && !inNamespace)) throw noSuchResource()
    if (info.rest && sub.type !== 'connect') throw noSuchResource()
    // A proxy takes every method, also those that are no verbs of the API.
    const anyMethod = sub.type === 'connect' && info.subresource === 'proxy'
    if (!(anyMethod && info.verb === 'options') && !subresourceVerbs(sub).includes(info.verb)) throw noSuchMethod()
    if (!anyMethod && method === 'HEAD') throw noSuchMethod()
    if (!anyMethod && method === 'PATCH') checkPatchType(exchange.header('content-type'))
    if (info.subresource === 'log') checkProduced(exchange.header('accept'), LOG_TYPES)
    else if (sub.type !== 'connect') checkProduced(exchange.header('accept'))
    return
  }
  const verbs = verbsOf(kind)
  const onObject = ['get', 'update', 'patch', 'delete'].filter((v) => verbs.includes(v))
  const onCollection = ['list', 'watch', 'create', 'deletecollection'].filter((v) => verbs.includes(v))
  if (nameInPath(info)) {
    if (onObject.length === 0 || (kind.namespaced && !inNamespace)) throw noSuchResource()
    if (!onObject.includes(info.verb)) throw noSuchMethod()
  } else {
    if (onCollection.length === 0) throw noSuchResource()
    const everywhere = kind.namespaced && !inNamespace
    if (!onCollection.includes(info.verb) || (everywhere && info.verb === 'deletecollection')) throw noSuchMethod()
    if (everywhere && info.verb === 'create' && !kind.virtual) throw noSuchMethod()
  }
  if (method === 'HEAD') throw noSuchMethod()
  if (method === 'PATCH') checkPatchType(exchange.header('content-type'))
  checkProduced(exchange.header('accept'))
}

/** Refuses a name that no object can have, so that it never reaches a key of the store. */
export function checkPathNames(exchange: Exchange): void {
  const { group, namespace, resource } = exchange.info
  const name = nameInPath(exchange.info)
  for (const part of [namespace, name]) if (part.includes('/')) throw notFound({ group, resource }, part)
  if (namespace === '.' || namespace === '..') throw notFound({ group, resource }, namespace)
  const faults = pathSegmentName(name)
  if (faults.length > 0) throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${faults.join(';')}`)
}
