/// Signing in, joining, and what stands in the way.
public struct EntryTexts: TextGroup {
    public let signIn = Text("Sign in", "Iniciar sesión", "Entrar")
    public let forgotten = Text(
        "Forgotten your password? Whoever runs this service can set a new one.",
        "¿Has olvidado tu contraseña? Quien administra este servicio puede establecer una nueva.",
        "Esqueceu a senha? Quem administra este serviço pode definir uma nova.")
    public let keptLead = Text(
        "Your session ended while you were writing. Sign in and what you had filled in will still be there.",
        "Tu sesión terminó mientras escribías. Inicia sesión y lo que habías rellenado seguirá ahí.",
        "Sua sessão terminou enquanto você escrevia. Entre e o que você preencheu continuará lá.")
    public let resumeTitle = Text("Your form was kept", "Tu formulario se ha conservado", "Seu formulário foi guardado")
    public let resumeLead = Text(
        "You are signed in again. Nothing has been sent yet: look it over, then send it.",
        "Has vuelto a iniciar sesión. Aún no se ha enviado nada: revísalo y envíalo.",
        "Você entrou novamente. Nada foi enviado ainda: confira e envie.")
    public let resumeSend = Text("Send the form now", "Enviar el formulario ahora", "Enviar o formulário agora")
    public let resumeDrop = Text("Discard it", "Descartarlo", "Descartar")
    public let linkTitle = Text("Sign in with this link", "Iniciar sesión con este enlace", "Entrar com este link")
    public let linkLead = Text(
        "The link works once, for a minute after it was made.",
        "El enlace funciona una sola vez, durante un minuto desde que se creó.",
        "O link funciona uma única vez, durante um minuto após ser criado.")
    public let linkDead = Text("This link does not work", "Este enlace no funciona", "Este link não funciona")
    public let linkDeadLead = Text(
        "It was used already or is older than a minute: ask for a new one.",
        "Ya se ha utilizado o tiene más de un minuto: pide uno nuevo.",
        "Ele já foi usado ou tem mais de um minuto: peça um novo.")
    public let invitationTitle = Text("Accept the invitation", "Aceptar la invitación", "Aceitar o convite")
    public let invitationLead = Text(
        "Choose a name and a password: with them you sign in from now on.",
        "Elige un nombre y una contraseña: con ellos iniciarás sesión a partir de ahora.",
        "Escolha um nome e uma senha: com eles você entrará a partir de agora.")
    public let joinAs = Text(
        "Join as {name} ({email}).", "Unirte como {name} ({email}).", "Participar como {name} ({email}).")
    public let yourName = Text("Your name", "Tu nombre", "Seu nome")
    public let choosePassword = Text("A password", "Una contraseña", "Uma senha")
    public let join = Text("Join", "Unirse", "Participar")
    public let haveAccount = Text("You have an account already?", "¿Ya tienes una cuenta?", "Você já tem uma conta?")
    public let welcome = Text("Welcome", "Te damos la bienvenida", "Boas-vindas")
    public let welcomeLead = Text(
        "You are now a member of {organization}. Sign in as {email}.",
        "Ahora formas parte de {organization}. Inicia sesión como {email}.",
        "Agora você faz parte de {organization}. Entre como {email}.")
    public let notFound = Text("There is nothing here", "Aquí no hay nada", "Não há nada aqui")
    public let notFoundLead = Text(
        "The address is wrong, or what was here is gone or not visible to you.",
        "La dirección es incorrecta, o lo que había aquí ya no existe o no es visible para ti.",
        "O endereço está errado, ou o que havia aqui não existe mais ou não é visível para você.")
    public let ownersOnly = Text(
        "Only owners manage API keys", "Solo los propietarios gestionan las claves de API",
        "Só proprietários gerenciam chaves de API")
    public let ownersOnlyLead = Text(
        "In {organization} API keys belong to the owners. You are signed in as {name}, whose role is {role}.",
        "En {organization} las claves de API son cosa de los propietarios. Has iniciado sesión como {name}, con el rol {role}.",
        "Em {organization} as chaves de API cabem aos proprietários. Você entrou como {name}, com a função {role}.")
    public let ownersAsk = Text("Ask one of the owners:", "Pídeselo a un propietario:", "Peça a um dos proprietários:")
    public let ownersAskAny = Text(
        "Ask an owner of the organization.", "Pídeselo a un propietario de la organización.",
        "Peça a um proprietário da organização.")
    public let forbidden = Text("You may not do this", "No puedes hacer esto", "Você não pode fazer isto")
    public let forbiddenLead = Text(
        "Your role in {organization} does not include it. It needs: {permissions}.",
        "Tu rol en {organization} no lo incluye. Se necesita: {permissions}.",
        "Sua função em {organization} não inclui isto. É preciso: {permissions}.")
    public let formExpired = Text("This form is out of date", "Este formulario ha caducado", "Este formulário expirou")
    public let formExpiredLead = Text(
        "It was opened before you signed in, or on another site. Nothing was changed. Open it again and send it from there.",
        "Se abrió antes de iniciar sesión, o en otro sitio. No se ha cambiado nada. Ábrelo de nuevo y envíalo desde ahí.",
        "Ele foi aberto antes de você entrar, ou em outro site. Nada foi alterado. Abra-o de novo e envie a partir dele."
    )
    public let broken = Text("Something went wrong", "Algo ha fallado", "Algo deu errado")
    public let brokenLead = Text(
        "The fault is ours. Try again; if it stays, give support the reference below.",
        "El fallo es nuestro. Inténtalo de nuevo; si continúa, da a soporte la referencia de abajo.",
        "A falha é nossa. Tente de novo; se continuar, informe ao suporte a referência abaixo.")
}
