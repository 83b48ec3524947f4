"""What the pages about the app say to which users consent: English, Arabic."""

APPS: dict[str, tuple[str, str]] = {
    "consent.title": ("Let an app act in your name?", "أتسمح لتطبيق بالعمل باسمك؟"),
    "consent.lead": (
        "The app {app} at {address} asks for what is yours in this simulated Zoom.",
        "يطلب التطبيق {app} على {address} الوصول إلى ما يخصك في زووم التجريبي هذا.",
    ),
    "consent.user": ("Who are you?", "من أنت؟"),
    "consent.nobody": ("Choose a user who may consent.", "اختر مستخدمًا يحق له أن يوافق."),
    "consent.scopes": ("What it may do: {count} scopes", "ما يُسمح له به: {count} من الصلاحيات"),
    "consent.allow": ("Allow", "اسمح"),
    "consent.deny": ("Decline", "ارفض"),
    "consent.back": ("Either way you go back to {address}.", "وفي الحالين تعود إلى {address}."),
    "consent.bad_client.title": ("There is no such app", "لا يوجد تطبيق كهذا"),
    "consent.bad_client.text": (
        "The client_id in this address is not that of the app users consent to (--oauth-client-id).",
        "قيمة client_id في هذا العنوان ليست للتطبيق الذي يوافق عليه المستخدمون (--oauth-client-id).",
    ),
    "consent.bad_redirect.title": ("Invalid redirect", "عنوان عودة غير صحيح"),
    "consent.bad_redirect.text": (
        "The app has no address “{address}” to lead back to (4,700). Start the simulator with --redirect-uri to allow it.",
        "ليس للتطبيق عنوان عودة هو «{address}» (4,700). شغِّل المحاكي بالخيار --redirect-uri للسماح به.",
    ),
    "apps.title": ("Who lets the app in", "من سمح للتطبيق"),
    "apps.lead": (
        "These users let the app {app} act in their names. Removing it ends its tokens and tells it so.",
        "هؤلاء سمحوا للتطبيق {app} بالعمل بأسمائهم. إزالته تُبطل رموزه وتُعلمه بذلك.",
    ),
    "apps.since": ("Since {when} UTC", "منذ {when} (UTC)"),
    "apps.remove": ("Remove", "أزِل"),
    "apps.remove_of": ("Remove the app of {name}", "أزِل تطبيق {name}"),
    "apps.none": ("Nobody has let the app in.", "لم يسمح أحد للتطبيق بعد."),
}
