x=abcabc; echo ${x//b/[&]} ${x//b/\&} ${x/a/"&"} ; y='<&>'; echo ${x//b/$y} "${x//b/"$y"}"; shopt -u patsub_replacement; echo ${x//b/[&]}
