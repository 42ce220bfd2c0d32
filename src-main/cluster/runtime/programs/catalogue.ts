/**
 * The programs that images are made of, by name. An image places them at /bin/NAME: busybox' applets are one program
 * per name; Debian-like images take coreutils and the others.
 */
import type { Program } from '../process.js'
import { shellProgram } from '../shell/script.js'
import { echo, falseProgram, printf, trueProgram, yes } from './echo.js'
import { env, nice, nohup, printenv, setsid, which } from './launch.js'
import { date, sleep, timeout, uptime, watch } from './time.js'
import type { Flavour } from './command.js'

/** Programs that both flavours have. */
function common(flavour: Flavour): Record<string, Program> {
  return {
    date: date(flavour),
    echo: echo(flavour),
    env: env(flavour),
    false: falseProgram,
    nice: nice(flavour),
    nohup: nohup(flavour),
    printenv: printenv(flavour),
    printf: printf(flavour),
    setsid: setsid(flavour),
    sleep: sleep(flavour),
    timeout: timeout(flavour),
    true: trueProgram,
    uptime: uptime(flavour),
    watch: watch(flavour),
    which: which(flavour),
    yes: yes(flavour),
  }
}

/** The applets of busybox, `sh` (ash) included. */
export const busyboxPrograms: Readonly<Record<string, Program>> = {
  ...common('busybox'),
  sh: shellProgram('ash'),
  ash: shellProgram('ash'),
}

/** What a Debian base image has: coreutils, findutils, grep, sed, awk, procps, tar; `sh` is dash. */
export const coreutilsPrograms: Readonly<Record<string, Program>> = {
  ...common('coreutils'),
  sh: shellProgram('dash'),
  dash: shellProgram('dash'),
  bash: shellProgram('bash'),
}
