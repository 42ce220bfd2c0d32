/** Who may ask, how often, and for how long an answer is good. */
import type { ServerResponse } from 'node:http'
import { parseIPv4 } from '../../../network/addresses.js'
import { httpDate } from '../../../network/http.js'
import { admission } from './basic-auth.js'
import { count, occupy } from './limits.js'
import type { Request } from './request.js'
import type { Context } from './respond.js'
import { milliseconds } from './units.js'

/** The status with which a request is refused; undefined where it may go on, which it does after it has waited as it must. */
export async function gate(request: Request, context: Context): Promise<number | undefined> {
  return (await limited(request, context)) ?? (await admits(request, context))
}

/** Waits as limit_req says; the status with which it refuses. Internal redirections count no more. */
async function limited(request: Request, context: Context): Promise<number | undefined> {
  const { limits, connectionLimits } = request.settings
  if (request.counted || request.failing || request.inner || limits.length + connectionLimits.length === 0) return undefined
  request.counted = true
  for (const limit of connectionLimits) {
    const zone = request.config.connectionZones.get(limit.zone)!
    const key = request.expand(zone.key)
    if (key === '') continue
    const leave = occupy(zone, limit, key)
    if (!leave) {
      await context.logError(request, 'error', `limiting connections by zone "${limit.zone}"`)
      return request.settings.connectionLimitStatus
    }
    request.res.once('close', leave)
  }
  for (const limit of limits) {
    const zone = request.config.zones.get(limit.zone)!
    const key = request.expand(zone.key)
    if (key === '') continue
    const verdict = count(zone, limit, key, request.worker.clock.now())
    const excess = `excess: ${(verdict.excess / 1000).toFixed(3)}`
    if (verdict.refused) {
      await context.logError(request, 'error', `limiting requests, ${excess} by zone "${limit.zone}"`)
      return request.settings.limitStatus
    }
    if (verdict.wait === 0) continue
    await context.logError(request, 'warn', `delaying request, ${excess}, by zone "${limit.zone}"`)
    const { wait } = verdict
    await new Promise<void>((resolve) => request.worker.clock.after(wait, resolve))
  }
  return undefined
}

/** The status with which the address or the password keeps a request out. */
async function admits(request: Request, context: Context): Promise<number | undefined> {
  const { access, satisfyAny } = request.settings
  if (request.failing) return undefined
  const near = allowed(access, request.clientAddress)
  if (satisfyAny && near && access.length > 0) return undefined
  const user = near || satisfyAny ? admission(request) : undefined
  if (user?.admitted && (near || request.settings.authBasic !== undefined)) return undefined
  if (!user || user.admitted) {
    await context.logError(request, 'error', 'access forbidden by rule')
    return 403
  }
  if (user.message !== undefined) await context.logError(request, user.level!, user.message)
  return user.status
}

/** Whether an address is let in: the first rule that it falls under tells. */
export function allowed(rules: readonly { allow: boolean; who: string }[], address: string): boolean {
  for (const { allow, who } of rules) {
    if (who === 'all') return allow
    const [network = '', bits = '32'] = who.split('/')
    const [a, b] = [parseIPv4(network), parseIPv4(address)]
    if (a === undefined || b === undefined) continue
    const size = 2 ** (32 - Number(bits))
    if (Math.floor(a / size) === Math.floor(b / size)) return allow
  }
  return true
}

/** `Expires` and `Cache-Control`, as the directive `expires` says. */
export function setExpiry(res: ServerResponse, time: string, now: number): void {
  if (time === 'off') return
  const [, sign = '', amount = ''] = /^(-?)(.*)$/.exec(time)!
  const ms = (milliseconds(amount.replace(/^\+/, '')) ?? 0) * (sign === '-' ? -1 : 1)
  const fixed: Readonly<Record<string, readonly [string, string]>> = {
    epoch: ['Thu, 01 Jan 1970 00:00:01 GMT', 'no-cache'],
    max: ['Thu, 31 Dec 2037 23:55:55 GMT', 'max-age=315360000'],
  }
  const [date, control] = fixed[time] ?? [httpDate(now + ms), ms < 0 ? 'no-cache' : `max-age=${ms / 1000}`]
  res.setHeader('Expires', date)
  res.setHeader('Cache-Control', control)
}
