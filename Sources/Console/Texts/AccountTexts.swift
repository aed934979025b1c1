/// A person's own account, and devices that ask to act for them.
public struct AccountTexts: TextGroup {
    public let title = Text("Your account", "Tu cuenta", "Sua conta")
    public let passwordTitle = Text("Change your password", "Cambiar tu contraseña", "Trocar sua senha")
    public let passwordLead = Text(
        "Every other session of yours ends when you do.", "Al hacerlo se cierran todas tus demás sesiones.",
        "Ao fazer isso, todas as suas outras sessões terminam.")
    public let current = Text("Current password", "Contraseña actual", "Senha atual")
    public let new = Text("New password", "Contraseña nueva", "Nova senha")
    public let change = Text("Change password", "Cambiar contraseña", "Trocar senha")
    public let changed = Text(
        "Your password is changed, and your other sessions have ended.",
        "Tu contraseña se ha cambiado y tus demás sesiones se han cerrado.",
        "Sua senha foi trocada e suas outras sessões terminaram.")
    public let sessionsTitle = Text("Where you are signed in", "Dónde has iniciado sesión", "Onde você entrou")
    public let sessionsLead = Text(
        "Do you not recognize one? End it and change your password.",
        "¿No reconoces alguna? Ciérrala y cambia tu contraseña.",
        "Não reconhece alguma? Encerre-a e troque sua senha.")
    public let thisOne = Text("This one", "Esta", "Esta")
    public let console = Text("Browser", "Navegador", "Navegador")
    public let token = Text("Command line or program", "Línea de comandos o programa", "Linha de comando ou programa")
    public let since = Text("since {date}", "desde {date}", "desde {date}")
    public let seen = Text("seen {when}", "vista {when}", "vista {when}")
    public let end = Text("End", "Cerrar", "Encerrar")
    public let endOne = Text("End the session of {date}", "Cerrar la sesión de {date}", "Encerrar a sessão de {date}")
    public let ended = Text("The session has ended.", "La sesión se ha cerrado.", "A sessão foi encerrada.")
    public let deviceTitle = Text("Connect a device", "Conectar un dispositivo", "Conectar um dispositivo")
    public let deviceEnter = Text(
        "Type the code that your command line shows.", "Escribe el código que muestra tu línea de comandos.",
        "Digite o código que sua linha de comando mostra.")
    public let deviceLead = Text(
        "A program asks to act as you. Compare the code with the one that it shows.",
        "Un programa pide actuar en tu nombre. Compara el código con el que muestra.",
        "Um programa pede para agir em seu nome. Compare o código com o que ele mostra.")
    public let deviceCode = Text("Code", "Código", "Código")
    public let deviceClient = Text("Program", "Programa", "Programa")
    public let deviceAge = Text("Asked", "Solicitado", "Pedido")
    public let deviceWarning = Text(
        "Did somebody send you this code? Then deny: approving would give them your access.",
        "¿Alguien te ha enviado este código? Entonces recházalo: aprobarlo les daría tu acceso.",
        "Alguém lhe enviou este código? Então recuse: aprovar daria a essa pessoa o seu acesso.")
    public let deviceApprove = Text("Approve", "Aprobar", "Aprovar")
    public let deviceDeny = Text("Deny", "Rechazar", "Recusar")
    public let deviceApproved = Text(
        "Approved. Go back to your command line.", "Aprobado. Vuelve a tu línea de comandos.",
        "Aprovado. Volte à sua linha de comando.")
    public let deviceDenied = Text("Denied.", "Rechazado.", "Recusado.")
    public let deviceUnknown = Text(
        "No device waits with this code: it may have expired. Start again on the device.",
        "Ningún dispositivo espera con este código: puede haber caducado. Empieza de nuevo en el dispositivo.",
        "Nenhum dispositivo espera com este código: ele pode ter expirado. Comece de novo no dispositivo.")
}
