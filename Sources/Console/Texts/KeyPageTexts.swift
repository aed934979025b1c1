/// One key: shown once, then its page, its rotation and its end.
public struct KeyPageTexts: TextGroup {
    public let createdTitle = Text("Your new key", "Tu nueva clave", "Sua nova chave")
    public let shownLead = Text("Copy the key now.", "Copia la clave ahora.", "Copie a chave agora.")
    public let shownOnce = Text(
        "It is shown this once; only a hash of it is stored, so nobody can show it to you again.",
        "Se muestra esta única vez; solo se guarda un hash, así que nadie podrá volver a mostrártela.",
        "Ela é mostrada só desta vez; guardamos apenas um hash, então ninguém poderá mostrá-la de novo.")
    public let secretLabel = Text("The key", "La clave", "A chave")
    public let grantNothing = Text(
        "This key has no permissions yet: every call that needs one is refused until you add some.",
        "Esta clave aún no tiene permisos: toda llamada que necesite alguno se rechazará hasta que los añadas.",
        "Esta chave ainda não tem permissões: toda chamada que precise de alguma será recusada até que você as adicione."
    )
    public let overlapNote = Text(
        "The old key keeps working until {date}. Update the program, see here that the new key is used, then revoke the old one.",
        "La clave anterior sigue funcionando hasta el {date}. Actualiza el programa, comprueba aquí que se usa la nueva y revoca la anterior.",
        "A chave antiga continua funcionando até {date}. Atualize o programa, veja aqui que a nova está em uso e revogue a antiga."
    )
    public let overlapOver = Text(
        "The old key has ended.", "La clave anterior ya no funciona.", "A chave antiga já não funciona.")
    public let tryTitle = Text("Try it", "Pruébala", "Experimente")
    public let commandLine = Text("Command line", "Línea de comandos", "Linha de comando")
    public let tryHint = Text(
        "Keep keys out of repositories and chat: use your CI's secret store or an environment variable.",
        "No guardes claves en repositorios ni chats: usa el almacén de secretos de tu CI o una variable de entorno.",
        "Não deixe chaves em repositórios ou chats: use o cofre de segredos do seu CI ou uma variável de ambiente.")
    public let saved = Text("I have saved it", "La he guardado", "Eu a guardei")
    public let replayedTitle = Text(
        "This form was sent already", "Este formulario ya se envió", "Este formulário já foi enviado")
    public let replayedLead = Text(
        "The key exists, and no second one was made. It was shown once, in the answer to the first click.",
        "La clave existe y no se ha creado una segunda. Se mostró una vez, en la respuesta al primer clic.",
        "A chave existe e nenhuma segunda foi criada. Ela foi mostrada uma vez, na resposta ao primeiro clique.")
    public let replayedLost = Text(
        "Did you not copy it? Replace it: the replacement has the same settings.",
        "¿No la copiaste? Sustitúyela: la nueva tendrá la misma configuración.",
        "Não a copiou? Substitua-a: a nova terá as mesmas configurações.")
    public let replace = Text("Replace it", "Sustituirla", "Substituir")
    public let open = Text("Open {name}", "Abrir {name}", "Abrir {name}")
    public let edit = Text("Edit", "Editar", "Editar")
    public let rotate = Text("Rotate", "Rotar", "Rotacionar")
    public let rotateNamed = Text("Rotate {name}", "Rotar {name}", "Rotacionar {name}")
    public let disable = Text("Disable", "Desactivar", "Desativar")
    public let enable = Text("Enable", "Activar", "Ativar")
    public let disabledNow = Text(
        "The key is disabled: it is refused until you enable it.",
        "La clave está desactivada: se rechaza hasta que la actives.",
        "A chave está desativada: ela é recusada até que você a ative.")
    public let enabledNow = Text("The key is enabled.", "La clave está activada.", "A chave está ativada.")
    public let facts = Text("About this key", "Sobre esta clave", "Sobre esta chave")
    public let identifier = Text("Identifier", "Identificador", "Identificador")
    public let created = Text("Created", "Creada", "Criada")
    public let creatorLeft = Text("has left the organization", "ha dejado la organización", "deixou a organização")
    public let byKey = Text("the key {name}", "la clave {name}", "a chave {name}")
    public let byOperator = Text("the operator", "el operador", "o operador")
    public let fromAddress = Text("from {ip}", "desde {ip}", "de {ip}")
    public let rateLimit = Text("Rate limit", "Límite de peticiones", "Limite de requisições")
    public let rate = Text("{n} in {span}", "{n} en {span}", "{n} em {span}")
    public let rotatedFrom = Text("Replaces", "Sustituye a", "Substitui")
    public let endsAt = Text("Works until", "Funciona hasta", "Funciona até")
    public let revokedAt = Text("Revoked", "Revocada", "Revogada")
    public let reasonFact = Text("Reason", "Motivo", "Motivo")
    public let grants = Text("Granted and used", "Concedido y usado", "Concedido e usado")
    public let noGrants = Text(
        "No permissions: this key may do nothing.", "Sin permisos: esta clave no puede hacer nada.",
        "Sem permissões: esta chave não pode fazer nada.")
    public let grantsLead = Text(
        "Use in the last 30 days, by the hour.", "Uso en los últimos 30 días, por hora.",
        "Uso nos últimos 30 dias, por hora.")
    public let granted = Text("Permission", "Permiso", "Permissão")
    public let used = Text("Used", "Uso", "Uso")
    public let notUsed = Text("Not in 30 days", "No en 30 días", "Não em 30 dias")
    public let unusedHint = Counted(
        Text(
            "1 permission was not used in 30 days. If the program does not need it, take it away.",
            "1 permiso no se ha usado en 30 días. Si el programa no lo necesita, retíralo.",
            "1 permissão não foi usada em 30 dias. Se o programa não precisa dela, retire-a."),
        Text(
            "{n} permissions were not used in 30 days. If the program does not need them, take them away.",
            "{n} permisos no se han usado en 30 días. Si el programa no los necesita, retíralos.",
            "{n} permissões não foram usadas em 30 dias. Se o programa não precisa delas, retire-as."))
    public let usage = Text("Usage", "Uso", "Uso")
    public let day = Text("24 hours", "24 horas", "24 horas")
    public let month = Text("30 days", "30 días", "30 dias")
    public let noUsage = Text("No calls in this time.", "Sin llamadas en este periodo.", "Sem chamadas neste período.")
    public let usageTable = Text("The same as a table", "Lo mismo en una tabla", "O mesmo em uma tabela")
    public let chartLabel = Text(
        "Calls from {from} to {to}: {allowed} allowed, {denied} refused.",
        "Llamadas de {from} a {to}: {allowed} permitidas, {denied} rechazadas.",
        "Chamadas de {from} a {to}: {allowed} permitidas, {denied} recusadas.")
    public let time = Text("Time", "Hora", "Hora")
    public let denials = Text("Last refusals", "Últimos rechazos", "Últimas recusas")
    public let noDenials = Text(
        "This key was never refused.", "Esta clave nunca ha sido rechazada.", "Esta chave nunca foi recusada.")
    public let reason = Text("Reason", "Motivo", "Motivo")
    public let address = Text("IP address", "Dirección IP", "Endereço IP")
    public let askedPermission = Text("Permission asked for", "Permiso solicitado", "Permissão pedida")
    public let explain = Text("Would a call be allowed?", "¿Se permitiría una llamada?", "Uma chamada seria permitida?")
    public let explainLead = Text(
        "Every check in the order in which a real call meets them. Asking counts nothing.",
        "Cada comprobación en el orden en que la pasa una llamada real. Preguntar no cuenta como uso.",
        "Cada verificação na ordem em que uma chamada real passa por elas. Perguntar não conta como uso.")
    public let explainButton = Text("Explain", "Explicar", "Explicar")
    public let check = Text("Check", "Comprobación", "Verificação")
    public let result = Text("Result", "Resultado", "Resultado")
    public let passes = Text("passes", "pasa", "passa")
    public let fails = Text("fails", "falla", "falha")
    public let decides = Text("this decides", "esto decide", "isto decide")
    public let allowed = Text("Allowed", "Permitida", "Permitida")
    public let refused = Text("Refused", "Rechazada", "Recusada")
    public let allowedText = Text(
        "Such a call is let through now.", "Una llamada así pasaría ahora.", "Uma chamada assim passaria agora.")
    public let checkRevocation = Text("Not revoked", "No revocada", "Não revogada")
    public let checkExpiry = Text("Not expired", "No caducada", "Não expirada")
    public let checkEnabled = Text("Enabled", "Activada", "Ativada")
    public let checkOrganization = Text(
        "Organization not suspended", "Organización no suspendida", "Organização não suspensa")
    public let checkAddress = Text("IP address allowed", "Dirección IP permitida", "Endereço IP permitido")
    public let checkPermission = Text("Permission granted", "Permiso concedido", "Permissão concedida")
    public let checkRateLimit = Text(
        "Within the rate limit", "Dentro del límite de peticiones", "Dentro do limite de requisições")
    public let history = Text("Changes to this key", "Cambios de esta clave", "Mudanças nesta chave")
    public let pairTitle = Text("Rotation in progress", "Rotación en curso", "Rotação em andamento")
    public let pairLead = Text(
        "Both keys work until {date}.", "Ambas claves funcionan hasta el {date}.",
        "As duas chaves funcionam até {date}.")
    public let pairKey = Text("Key", "Clave", "Chave")
    public let pairOld = Text("Old key", "Clave anterior", "Chave antiga")
    public let pairNew = Text("New key", "Clave nueva", "Chave nova")
    public let pairToday = Text("Calls in 24\u{a0}h", "Llamadas en 24\u{a0}h", "Chamadas em 24\u{a0}h")
    public let silent = Text(
        "The new key is in use and the old key has been silent for {span}.",
        "La clave nueva está en uso y la anterior lleva {span} sin actividad.",
        "A chave nova está em uso e a antiga está em silêncio há {span}.")
    public let revokeOldNow = Text("Revoke the old key now", "Revocar ya la anterior", "Revogar a antiga agora")
    public let revokeTitle = Text("Revoke this key?", "¿Revocar esta clave?", "Revogar esta chave?")
    public let revokeLead = Text(
        "It dies at once and for good: whatever still uses it gets 401 on its next request. The slot in your plan is free again.",
        "Deja de funcionar al instante y para siempre: lo que aún la use recibirá un 401 en su próxima petición. Su plaza en tu plan queda libre.",
        "Ela morre na hora e para sempre: o que ainda a usa recebe 401 na próxima requisição. A vaga no seu plano fica livre."
    )
    public let lastUsedNote = Text("Last used {when}.", "Último uso: {when}.", "Último uso: {when}.")
    public let revokeReason = Text("Reason (optional)", "Motivo (opcional)", "Motivo (opcional)")
    public let cascade = Text(
        "Also revoke the keys that this key made", "Revocar también las claves que creó esta clave",
        "Revogar também as chaves que esta chave criou")
    public let revokeButton = Text("Revoke the key", "Revocar la clave", "Revogar a chave")
    public let revokedNow = Text(
        "{name} is revoked: no node accepts it any more.", "{name} está revocada: ningún nodo la acepta ya.",
        "{name} está revogada: nenhum nó a aceita mais.")
    public let revokedSoon = Text(
        "{name} is revoked; some nodes have not confirmed yet.",
        "{name} está revocada; algunos nodos aún no lo han confirmado.",
        "{name} está revogada; alguns nós ainda não confirmaram.")
    public let proof = Text(
        "Change {revision}, confirmed by: {nodes}", "Cambio {revision}, confirmado por: {nodes}",
        "Mudança {revision}, confirmada por: {nodes}")
    public let unreachable = Text("not reached: {nodes}", "sin respuesta: {nodes}", "sem resposta: {nodes}")
    public let rotateTitle = Text("Rotate {name}", "Rotar {name}", "Rotacionar {name}")
    public let rotateLead = Text(
        "You get a new key with the same settings and expiry. The old one keeps working for the overlap, so that nothing stops.",
        "Obtienes una clave nueva con la misma configuración y caducidad. La anterior sigue funcionando durante el solapamiento, para que nada se detenga.",
        "Você recebe uma chave nova com as mesmas configurações e validade. A antiga continua funcionando durante a sobreposição, para que nada pare."
    )
    public let overlap = Text(
        "How long the old key goes on working", "Cuánto tiempo seguirá funcionando la anterior",
        "Por quanto tempo a antiga continua funcionando")
    public let overlapNone = Text(
        "Not at all: it leaked or was lost", "Nada: se filtró o se perdió", "Nada: vazou ou foi perdida")
    public let overlapHint = Text(
        "The pair counts once in your quota.", "El par cuenta una sola vez en tu cuota.",
        "O par conta uma única vez na sua cota.")
    public let rotateButton = Text("Generate the new key", "Generar la clave nueva", "Gerar a chave nova")
}

/// Reasons to look at a key again.
public struct ReviewTexts: TextGroup {
    public let title = Text("Review", "Revisión", "Revisão")
    public let lead = Text(
        "Keys for which a reason to revoke or change them holds.", "Claves que conviene revocar o cambiar, y por qué.",
        "Chaves que convém revogar ou mudar, e por quê.")
    public let cleanTitle = Text("Nothing to review", "Nada que revisar", "Nada a revisar")
    public let clean = Text(
        "No key stands out. Come back when somebody leaves.", "Ninguna clave destaca. Vuelve cuando alguien se vaya.",
        "Nenhuma chave chama a atenção. Volte quando alguém sair.")
    public let left = Text("The creator has left", "Quien la creó se ha ido", "Quem a criou saiu")
    public let leftWhy = Text(
        "The keys still work. Rotate those that are needed: whoever left may have a copy.",
        "Las claves siguen funcionando. Rota las necesarias: quien se fue puede tener una copia.",
        "As chaves ainda funcionam. Rotacione as necessárias: quem saiu pode ter uma cópia.")
    public let leftDetail = Text("Created by {name}", "Creada por {name}", "Criada por {name}")
    public let everything = Text("Allowed everything", "Lo puede todo", "Pode tudo")
    public let everythingWhy = Text(
        "Such a key is worth a whole account. Give it only what it uses.",
        "Una clave así vale tanto como una cuenta entera. Dale solo lo que usa.",
        "Uma chave assim vale uma conta inteira. Dê a ela só o que usa.")
    public let expiring = Text("Expiring within 14 days", "Caducan en 14 días", "Expiram em 14 dias")
    public let expiringWhy = Text(
        "Rotate or extend them before something stops.", "Rótalas o amplíalas antes de que algo se detenga.",
        "Rotacione-as ou estenda-as antes que algo pare.")
    public let expiringDetail = Text("Expires {when}", "Caduca {when}", "Expira {when}")
    public let unused = Text("Unused for 30 days", "Sin usar en 30 días", "Sem uso há 30 dias")
    public let unusedWhy = Text(
        "A key that nobody uses can only leak.", "Una clave que nadie usa solo puede filtrarse.",
        "Uma chave que ninguém usa só pode vazar.")
    public let neverUsed = Text("Never used", "Nunca usadas", "Nunca usadas")
    public let neverUsedWhy = Text(
        "Was it forgotten, or is the program not running yet?", "¿Se olvidó, o el programa aún no funciona?",
        "Foi esquecida, ou o programa ainda não está rodando?")
    public let createdDetail = Text("Created {when}", "Creada {when}", "Criada {when}")
    public let nothing = Text("Allowed nothing", "No puede nada", "Não pode nada")
    public let nothingWhy = Text(
        "They take a slot and do nothing.", "Ocupan una plaza y no hacen nada.", "Ocupam uma vaga e não fazem nada.")
    public let more = Text(
        "And more: these are the first {n}.", "Y más: estas son las primeras {n}.",
        "E mais: estas são as primeiras {n}.")
}
