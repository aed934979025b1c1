/// Why something was refused, and the way out.
public struct FailureTexts: TextGroup {
    public let notFound = Text(
        "It does not exist, or is not visible to you.", "No existe, o no es visible para ti.",
        "Não existe, ou não é visível para você.")
    public let signedOut = Text(
        "You are not signed in any more.", "Ya no tienes la sesión iniciada.", "Você não está mais conectado.")
    public let insufficientPermissions = Text(
        "Your role does not include this.", "Tu rol no incluye esto.", "Sua função não inclui isto.")
    public let ownerRequired = Text(
        "Only an owner may do this.", "Solo un propietario puede hacer esto.", "Só um proprietário pode fazer isto.")
    public let notAllowed = Text("This is not possible here.", "Esto no es posible aquí.", "Isto não é possível aqui.")
    public let organizationRequired = Text(
        "Choose an organization first.", "Elige primero una organización.", "Escolha primeiro uma organização.")
    public let organizationSuspended = Text(
        "The organization is suspended: you may read and revoke until it is lifted.",
        "La organización está suspendida: puedes consultar y revocar hasta que se levante.",
        "A organização está suspensa: você pode consultar e revogar até que seja liberada.")
    public let permissionEscalation = Text(
        "You cannot give what you do not hold yourself.", "No puedes conceder lo que tú no tienes.",
        "Você não pode conceder o que não tem.")
    public let featureNotAvailable = Text(
        "Your plan does not include API keys.", "Tu plan no incluye claves de API.",
        "Seu plano não inclui chaves de API.")
    public let quotaExceeded = Text(
        "All keys that your plan allows are in use: revoke one first, or change the plan.",
        "Todas las claves que permite tu plan están en uso: revoca una antes o cambia de plan.",
        "Todas as chaves que seu plano permite estão em uso: revogue uma antes ou mude de plano.")
    public let organizationLimit = Text(
        "You own as many organizations as one person may.",
        "Ya tienes tantas organizaciones como puede tener una persona.",
        "Você já tem tantas organizações quanto uma pessoa pode ter.")
    public let invalidCredentials = Text(
        "The e-mail address or the password is wrong.", "El correo o la contraseña no son correctos.",
        "O e-mail ou a senha está errado.")
    public let wrongPassword = Text(
        "The current password is wrong.", "La contraseña actual no es correcta.", "A senha atual está errada.")
    public let tooManyAttempts = Text(
        "Too many attempts. Wait a quarter of an hour and try again.",
        "Demasiados intentos. Espera un cuarto de hora e inténtalo de nuevo.",
        "Tentativas demais. Espere um quarto de hora e tente de novo.")
    public let tooFast = Text(
        "Too much at once. Try again in a moment.", "Demasiado a la vez. Inténtalo en un momento.",
        "Rápido demais. Tente de novo em um momento.")
    public let lastOwner = Text(
        "An organization keeps at least one owner: make somebody else owner first.",
        "Una organización conserva al menos un propietario: nombra antes a otro.",
        "Uma organização mantém pelo menos um proprietário: nomeie outro antes.")
    public let roleBuiltIn = Text(
        "This role is set by the operator and cannot be changed here.",
        "Este rol lo fija el operador y no puede cambiarse aquí.",
        "Esta função é definida pelo operador e não pode ser mudada aqui.")
    public let roleInUse = Text(
        "Members still have this role: give them another one first.",
        "Aún hay miembros con este rol: dales otro antes.", "Ainda há membros com esta função: dê outra a eles antes.")
    public let slugTaken = Text(
        "Another organization has this short name.", "Otra organización tiene este nombre corto.",
        "Outra organização tem este nome curto.")
    public let emailTaken = Text(
        "There is an account for this address: sign in, then open the link again.",
        "Ya hay una cuenta con este correo: inicia sesión y abre de nuevo el enlace.",
        "Já existe uma conta com este e-mail: entre e abra o link de novo.")
    public let emailUnverified = Text(
        "Nobody has confirmed this address yet: ask whoever runs this service.",
        "Nadie ha confirmado aún este correo: pregunta a quien administra este servicio.",
        "Ninguém confirmou este e-mail ainda: fale com quem administra este serviço.")
    public let alreadyMember = Text(
        "This person is a member already.", "Esta persona ya es miembro.", "Esta pessoa já é membro.")
    public let keyNotActive = Text(
        "The key does not work any more, or is being rotated already.",
        "La clave ya no funciona, o ya está en rotación.", "A chave não funciona mais, ou já está em rotação.")
    public let invitationInvalid = Text(
        "This invitation does not exist, has expired or was used: ask for a new one.",
        "Esta invitación no existe, ha caducado o ya se usó: pide otra.",
        "Este convite não existe, expirou ou já foi usado: peça outro.")
    public let alreadySent = Text(
        "This form was sent already.", "Este formulario ya se envió.", "Este formulário já foi enviado.")
    public let stillRunning = Text(
        "The first click is still being worked on. Wait a moment.",
        "El primer clic aún se está procesando. Espera un momento.",
        "O primeiro clique ainda está sendo processado. Espere um momento.")
    public let changedMeanwhile = Text(
        "Somebody changed this after you opened it, so nothing was saved. What you filled in is still here: look at how it stands now, then save again to replace that.",
        "Alguien cambió esto después de que lo abrieras, así que no se guardó nada. Lo que rellenaste sigue aquí: mira cómo está ahora y guarda de nuevo para reemplazarlo.",
        "Alguém mudou isto depois que você abriu, então nada foi salvo. O que você preencheu continua aqui: veja como está agora e salve de novo para substituir."
    )
    public let invalidName = Text(
        "A name has 1 to 100 visible characters, and no control characters.",
        "Un nombre tiene de 1 a 100 caracteres visibles y ninguno de control.",
        "Um nome tem de 1 a 100 caracteres visíveis e nenhum de controle.")
    public let invalidSlug = Text(
        "Use 1 to 63 of a–z, 0–9 and inner hyphens.", "Usa de 1 a 63 caracteres: a–z, 0–9 y guiones interiores.",
        "Use de 1 a 63 caracteres: a–z, 0–9 e hifens internos.")
    public let invalidEmail = Text(
        "Write an e-mail address such as ana@example.com.", "Escribe un correo como ana@example.com.",
        "Escreva um e-mail como ana@example.com.")
    public let invalidPassword = Text(
        "A password has 12 to 128 characters and is not one of the commonest.",
        "Una contraseña tiene de 12 a 128 caracteres y no es de las más comunes.",
        "Uma senha tem de 12 a 128 caracteres e não é das mais comuns.")
    public let unknownPermission = Text(
        "This permission does not exist.", "Este permiso no existe.", "Esta permissão não existe.")
    public let tooManyPermissions = Text(
        "At most 100 permissions.", "Como máximo 100 permisos.", "No máximo 100 permissões.")
    public let unknownRole = Text("This role does not exist.", "Este rol no existe.", "Esta função não existe.")
    public let unknownPlan = Text("This plan does not exist.", "Este plan no existe.", "Este plano não existe.")
    public let invalidIP = Text(
        "Write an IPv4 or IPv6 address, such as 203.0.113.9 or 2001:db8::1.",
        "Escribe una dirección IPv4 o IPv6, como 203.0.113.9 o 2001:db8::1.",
        "Escreva um endereço IPv4 ou IPv6, como 203.0.113.9 ou 2001:db8::1.")
    public let cidrNotAccepted = Text(
        "Write single addresses: ranges with a slash are not accepted.",
        "Escribe direcciones sueltas: los rangos con barra no se aceptan.",
        "Escreva endereços individuais: faixas com barra não são aceitas.")
    public let tooManyIPs = Text("At most 100 addresses.", "Como máximo 100 direcciones.", "No máximo 100 endereços.")
    public let invalidExpiry = Text("Choose a day that lies ahead.", "Elige un día futuro.", "Escolha um dia futuro.")
    public let invalidLabel = Text(
        "A label is key=value: 64 and 256 characters at most, 20 labels, each key once.",
        "Una etiqueta es clave=valor: 64 y 256 caracteres como máximo, 20 etiquetas, cada clave una vez.",
        "Uma etiqueta é chave=valor: no máximo 64 e 256 caracteres, 20 etiquetas, cada chave uma vez.")
    public let invalidReason = Text(
        "A reason has at most 500 visible characters.", "Un motivo tiene como máximo 500 caracteres visibles.",
        "Um motivo tem no máximo 500 caracteres visíveis.")
    public let invalidOverlap = Text(
        "The overlap is 7 days at most.", "El solapamiento es de 7 días como máximo.",
        "A sobreposição é de no máximo 7 dias.")
    public let invalidInput = Text(
        "One of the fields is not valid.", "Uno de los campos no es válido.", "Um dos campos não é válido.")
    public let unavailable = Text(
        "The service cannot do this right now. Nothing was changed; try again.",
        "El servicio no puede hacerlo ahora. No se ha cambiado nada; inténtalo de nuevo.",
        "O serviço não pode fazer isto agora. Nada foi alterado; tente de novo.")
    public let indeterminate = Text(
        "It is not certain that this was done. Look before you try again.",
        "No es seguro que se haya hecho. Compruébalo antes de intentarlo de nuevo.",
        "Não é certo que isto foi feito. Confira antes de tentar de novo.")
    public let verdictMissing = Text("No key was sent", "No se envió ninguna clave", "Nenhuma chave foi enviada")
    public let verdictUnknown = Text("No such key", "No existe esa clave", "Essa chave não existe")
    public let verdictRevoked = Text("Revoked", "Revocada", "Revogada")
    public let verdictExpired = Text("Expired", "Caducada", "Expirada")
    public let verdictDisabled = Text("Disabled", "Desactivada", "Desativada")
    public let verdictSuspended = Text("Organization suspended", "Organización suspendida", "Organização suspensa")
    public let verdictAddress = Text("IP address not allowed", "Dirección IP no permitida", "Endereço IP não permitido")
    public let verdictPermission = Text("Permission not granted", "Permiso no concedido", "Permissão não concedida")
    public let verdictRateLimited = Text(
        "Rate limit reached", "Límite de peticiones alcanzado", "Limite de requisições atingido")
    public let verdictUnavailable = Text(
        "No safe decision possible", "Sin decisión segura posible", "Sem decisão segura possível")
    public let verdictValid = Text("Allowed", "Permitida", "Permitida")
}
