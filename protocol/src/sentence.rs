//! What a holder reads when something goes wrong: one sentence a row and language, saying what happened and what to do.
//!
//! Summaries in [`crate::code`] are for developers; these are for whoever holds the phone. Both sides of a handoff may
//! show the same row, the one that refused and the one that was refused, so a sentence names the payer and the payee
//! where it matters and says "you" only where the row is always about one's own phone. None promises that nothing was
//! paid where a payment may be in doubt.

use crate::code::Code;

/// A language that sentences exist in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Chinese, in simplified characters.
    SimplifiedChinese,
}

impl Language {
    /// The language for a locale as platforms write it (`zh-Hans-CN`, `zh_CN.UTF-8`, `en-GB`): Chinese of any kind is
    /// nearer to simplified Chinese than to English, and everybody else gets English.
    #[must_use]
    pub fn for_locale(locale: &str) -> Self {
        let mut subtags = locale.split(['-', '_', '.', '@']);
        if subtags
            .next()
            .is_some_and(|primary| primary.eq_ignore_ascii_case("zh"))
        {
            Self::SimplifiedChinese
        } else {
            Self::English
        }
    }
}

macro_rules! sentences {
    ($($variant:ident $english:literal $chinese:literal)*) => {
        impl Code {
            /// What happened and what to do, in one sentence for the holder. A row without one does not compile.
            #[must_use]
            pub const fn sentence(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$variant, Language::English) => $english,
                        (Self::$variant, Language::SimplifiedChinese) => $chinese,
                    )*
                }
            }
        }
    };
}

sentences! {
    AmountMalformed
        "That is not an amount: write yuan with two decimals, like 37.45."
        "金额格式不对，请按元输入并保留两位小数，例如 37.45。"
    AmountTooLarge
        "That amount is too large: enter a smaller one."
        "金额过大，请输入较小的金额。"
    AmountZero
        "An amount of zero cannot be paid: enter at least 0.01."
        "金额不能为零，请至少输入 0.01 元。"

    Malformed
        "What arrived cannot be read: try again, and update the app if it keeps happening."
        "收到的内容无法识别，请重试；如反复出现，请更新应用。"
    NotCanonical
        "What arrived is not written the way it must be: update the apps on both phones, and try again."
        "收到的内容书写不合规范，请更新双方的应用后重试。"
    TooLarge
        "What arrived is larger than permitted: try a smaller payment."
        "收到的内容超出允许的大小，请尝试较小的付款。"
    IllFormedHistory
        "The history of this money does not fit together, so it was not taken: the payer should ask the bank."
        "这笔钱的流转记录对不上，因此未被接受，请付款方联系银行。"
    SumsDiffer
        "This money does not add up, so it was not taken: the payer should ask the bank."
        "这笔钱的金额前后不符，因此未被接受，请付款方联系银行。"

    TrustNotSigned
        "The bank's security data is not genuine: try another network, and tell the bank if it stays so."
        "银行的安全数据无法验证真伪，请换一个网络重试；如仍出现，请联系银行。"
    TrustContradiction
        "The bank's security data contradicts what this wallet knows: ask the bank."
        "银行的安全数据与本钱包已知的内容相矛盾，请联系银行。"
    UnknownOperator
        "One of the two wallets does not know the other's bank yet: go online to update, then try again."
        "其中一个钱包还不认识对方的银行，请联网更新后重试。"
    CertificateForged
        "A wallet's proof from its bank is not genuine: do not deal with it, and tell your bank."
        "对方钱包的银行证明不是真的，请不要与其交易，并告知您的银行。"
    CertificateExpired
        "A wallet's proof from its bank is out of date: that phone has to go online, then try again."
        "钱包的银行证明已过期，请让该手机联网更新后重试。"
    HolderRevoked
        "A wallet was blocked by its bank and cannot pay or be paid: its holder should ask the bank."
        "钱包已被其银行停用，不能收付款，请持有人联系银行。"
    AssuranceTooLow
        "The payee takes money only from phones with better protected keys: pay in another way."
        "收款方只接受密钥保护等级更高的手机付款，请改用其他方式支付。"

    UnknownSeries
        "This money is newer than what the wallet knows: go online to update, then try again."
        "钱包还不认识这一批新发行的钱，请联网更新后重试。"
    SeriesExpired
        "This money is past its last day for offline payments: nothing is lost, the bank takes it at full value."
        "这笔钱已过离线支付期限，但并未损失，银行仍按全额兑付。"
    NoteForged
        "This money does not come from the central bank: do not take it, and tell your bank."
        "这笔钱不是由中央银行发行的，请不要接受，并告知您的银行。"
    TransferForged
        "This payment is not signed by whoever held the money: do not take it, and tell your bank."
        "这笔付款没有持有人的有效签名，请不要接受，并告知您的银行。"
    WrongPayee
        "The payment and its payee do not match: check who is to be paid, and tap again."
        "付款与收款方不符，请核对收款方后再碰一次。"
    WrongRequest
        "The payment answers another request: make a new request, and tap again."
        "这笔付款对应的是另一个收款请求，请重新发起收款后再碰一次。"
    WrongAmount
        "The amount paid is not the amount asked for: check it, and tap again."
        "付款金额与请求金额不一致，请核对后再碰一次。"
    ConsumedTwice
        "This money was already spent elsewhere, so it was not taken: tell your bank."
        "这笔钱已在别处花掉，因此未被接受，请告知您的银行。"
    TooManyHops
        "This money has changed hands offline too often: the payer should go online, then pay again."
        "这笔钱离线转手次数过多，请付款方联网后重新付款。"
    TooOld
        "This money has been offline for too long: the payer should go online, then pay again."
        "这笔钱离线时间过长，请付款方联网后重新付款。"
    PaymentLimit
        "This is more than a single payment may be: pay a smaller amount."
        "超过单笔支付限额，请减少金额。"
    BalanceLimit
        "The wallet that receives may not hold that much: pay less, or let it put money on its account first."
        "收款钱包将超过余额上限，请减少金额，或请对方先存入账户。"
    RequestForged
        "Whoever is named here did not ask for this: let them show it on their own phone."
        "此收款请求并非由其所示收款人发出，请让对方用自己的手机出示。"
    ReceiptForged
        "The receipt is not genuine, so the payment stays in doubt: go online to clear it up."
        "收据无法验证，这笔付款仍待确认，请联网核实。"
    UnknownPolicy
        "The limits of this kind of wallet are not known yet: go online to update, then try again."
        "尚不了解此类钱包的限额，请联网更新后重试。"
    ForkProofInvalid
        "This proof of double spending proves nothing: nobody is blamed, and nothing needs to be done."
        "这份重复支付的证据不成立，无人被追责，您无需处理。"
    PayerLimit
        "The payer may not pay that much now: ask for less, or for another way to pay."
        "付款方目前不能支付这个金额，请减少金额或换一种付款方式。"
    ReceiptFileUnknown
        "This receipt was written by another version of the app: update the app, and open it again."
        "这份收据由其他版本的应用生成，请更新应用后重新打开。"
    ReceiptFileMismatch
        "The parts of this receipt do not belong together: ask whoever gave it to you for a new one."
        "这份收据的各部分对不上，请向提供者索取新的收据。"

    NotEnough
        "There is not enough money to spend now: load some, or pay less."
        "可用余额不足，请先充值或减少金额。"
    TooFragmented
        "The money is in too many small pieces for one payment: pay less, or go online to put it together."
        "零钱过于零散，无法一次付清，请减少金额或联网整理。"
    ConfirmOnDevice
        "The payer has to confirm this payment on the phone, and then tap again."
        "请付款方在手机上确认这笔付款，然后再碰一次。"
    AmountOpen
        "The payer may choose the amount: choose one, and tap again."
        "金额由付款方决定，请输入金额后再碰一次。"
    NothingAsked
        "The other wallet asks for nothing: it has to ask for a payment first."
        "对方没有发起收款，请对方先发起收款。"
    DayLimit
        "This is more than you may still pay today: pay less, or wait until tomorrow."
        "超过今日剩余支付额度，请减少金额或明天再付。"
    YearLimit
        "This is more than you may still pay this year: pay less, or ask your bank for another class of wallet."
        "超过本年度剩余支付额度，请减少金额或向银行申请升级钱包。"
    OfflineTotalLimit
        "This is more than you may still pay without the bank: go online once, or pay less."
        "超过离线支付剩余额度，请联网一次或减少金额。"
    OfflineCountLimit
        "You have paid as often as you may without the bank: go online once, and pay again."
        "离线支付次数已用完，请联网一次后再付。"

    UnknownRequest
        "The payee does not know this request: ask for a new one, and pay that."
        "收款方不认识这个收款请求，请对方重新发起收款。"
    RequestPaid
        "This request has been paid already: nothing more is due."
        "该收款请求已经付清，无需再付。"
    UnknownPayment
        "This wallet never received such a payment: look it up in the history, and choose it there."
        "本钱包没有收到过这笔付款，请在交易记录中查找并选择。"
    RefundTooLarge
        "This is more than is left of the payment to give back: choose a smaller amount."
        "退款金额超过该笔付款的可退余额，请减少金额。"
    NoReceipt
        "There is no receipt for this payment yet: complete it with another tap or by going online."
        "这笔付款还没有收据，请再碰一次或联网完成付款。"
    TrustTooOld
        "This wallet has not been online for too long to know whom to trust: go online, then try again."
        "钱包离线过久，无法判断对方是否可信，请联网后重试。"

    OutOfOrder
        "The two phones lost track of each other: tap again."
        "两部手机的步骤没有对上，请再碰一次。"
    ChannelFailed
        "The connection between the phones broke off: tap again; the same payment is never paid twice."
        "两部手机的连接中断，请再碰一次，同一笔付款不会重复支付。"
    SessionClosed
        "This payment is over: start a new one."
        "本次付款已经结束，请重新开始。"
    Incompatible
        "These two phones cannot work together: let one pay and one receive, and update the apps."
        "两部手机无法配合，请确认一方付款、一方收款，并更新应用。"
    LinkFailed
        "The phones could not talk to each other: hold them together, and try again."
        "两部手机无法通信，请贴近后重试。"
    NotArmed
        "The other phone is not ready: its holder has to open the wallet and choose to pay or to receive."
        "对方手机尚未就绪，请对方打开钱包并选择付款或收款。"
    NotASlip
        "This is not a code for paying with this wallet: ask for the code that the other wallet shows."
        "这不是本钱包的收付款码，请扫描对方钱包显示的二维码。"

    AlreadyOpen
        "This wallet is already open somewhere else: close it there first."
        "该钱包已在别处打开，请先在那里关闭。"
    StoreTooNew
        "This wallet was last used with a newer app: update the app."
        "该钱包曾被更高版本的应用使用，请更新应用。"
    WrongKey
        "This phone holds another key than this wallet needs: restore your account from its words."
        "本机密钥与该钱包不符，请用助记词恢复账户。"
    StoreDamaged
        "The wallet's file is damaged and was set aside untouched: ask the bank before deleting anything."
        "钱包文件已损坏并原样保留，删除任何内容前请先联系银行。"
    StoreUnavailable
        "The wallet's storage cannot be used now: make room on the phone, and try again."
        "钱包存储暂时无法使用，请清理手机空间后重试。"
    Reentrant
        "The app called its wallet at the wrong moment: restart the app."
        "应用在不恰当的时刻调用了钱包，请重启应用。"
    Busy
        "The wallet is waiting for the phone or for your answer: answer what it asks, and try again."
        "钱包正在等待手机或您的操作，请完成后重试。"
    Closed
        "The wallet is closed: open it again."
        "钱包已关闭，请重新打开。"
    RolledBack
        "This is an old copy of the wallet: go online, and the bank returns in time what it still holds."
        "这是钱包的旧副本，请联网，银行会在到期后退还其中仍有的钱。"
    NotEnrolled
        "This wallet is not set up with a bank, or needs new keys: go online, and try again."
        "该钱包尚未在银行开通，或需要更新密钥，请联网后重试。"
    WalletLocked
        "The wallet is locked: enter your PIN."
        "钱包已锁定，请输入 PIN 码。"
    WrongPin
        "That is not the PIN: try again."
        "PIN 码不正确，请再试一次。"
    PinTooSoon
        "Too many wrong PINs: your money is safe, wait a while and try again."
        "PIN 码输错次数过多，请稍候再试，您的钱是安全的。"
    BadPin
        "A PIN has 4 to 64 characters: choose another one."
        "PIN 码应为 4 到 64 个字符，请重新选择。"
    PinAlreadySet
        "This wallet has a PIN already: change it instead."
        "该钱包已有 PIN 码，请改为更换 PIN 码。"
    NoPin
        "This wallet has no PIN."
        "该钱包没有设置 PIN 码。"
    NotLocked
        "This wallet is unlocked already."
        "该钱包已经解锁，无需再次解锁。"
    PinOutOfMemory
        "The phone has no memory left to check the PIN: close other apps, and try again."
        "手机内存不足，无法核对 PIN 码，请关闭其他应用后重试。"
    Superseded
        "These files are older than your PIN and stay shut: restore the wallet with your words."
        "这些文件早于您的 PIN 码，无法打开，请用助记词恢复钱包。"
    Internal
        "The app failed, and your money is safe: open it again and look, before you repeat anything."
        "应用出现内部错误，您的资金安全：请重新打开应用核对后再操作。"

    UserCancelled
        "You cancelled, and nothing was signed: try again when you are ready."
        "您已取消，未签署任何内容，可随时重试。"
    VaultLocked
        "The phone's key store is locked: unlock the phone, and try again."
        "手机的密钥库已锁定，请解锁手机后重试。"
    KeyInvalidated
        "The phone has destroyed a key of this wallet: go online, and the bank returns in time what it held."
        "手机销毁了该钱包的一把密钥，请联网，银行会在到期后退还其名下的钱。"
    VaultUnavailable
        "The phone's key store does not answer: wait a moment, and try again."
        "手机的密钥库没有响应，请稍候重试。"
    VaultMisbehaved
        "The phone's key store gave a signature that is not valid: restart the phone, and try again."
        "手机的密钥库给出了无效签名，请重启手机后重试。"
    DataKeyDestroyed
        "The phone has destroyed the key of this wallet: set it up anew with its words, and the bank returns its money in time."
        "手机销毁了打开钱包的密钥，请用助记词重新设置钱包，银行会在到期后退还余额。"
    KeyRetired
        "This asks for a key that is out of use: go online, and the bank brings the money where it belongs."
        "所需的密钥已停用，请联网，银行会把这笔钱送到应得的一方。"
    GuardUnavailable
        "The phone's protected storage is not available: restart the phone, and try again."
        "手机的受保护存储不可用，请重启手机后重试。"
    EntropyUnavailable
        "The phone has no random numbers to give: restart it, and try again."
        "手机无法提供随机数，请重启后重试。"
    ClockUnavailable
        "The phone does not know what time it is: set its clock, and try again."
        "手机无法提供时间，请设置时钟后重试。"
    BadMnemonic
        "These are not the words of an account: check their spelling and their order."
        "助记词不正确，请检查拼写和顺序。"
    DeviceFrozen
        "This phone was declared lost: deposit what it still holds, and use your new phone."
        "这部手机已被挂失，请把其中余额存入银行，并使用您的新手机。"
    BackupForeign
        "This backup belongs to other words: check that you have the right file."
        "该备份属于另一组助记词，请检查文件是否正确。"
    BackupDamaged
        "This backup cannot be read: use another copy, or restore without it."
        "无法读取该备份，请换一份副本，或不用备份直接恢复。"
    BackupTooNew
        "A newer version of this app wrote this backup: update the app."
        "该备份由更新版本的应用生成，请先更新应用。"
    AccountBarred
        "A phone of yours spent the same money twice: ask your bank."
        "您的一部手机重复支付了同一笔钱，请联系您的银行。"

    BankUnreachable
        "The bank cannot be reached: check the network, and try again later; nothing is lost."
        "无法连接银行，请检查网络后重试，您的钱不会丢失。"
    BankAnswerInvalid
        "The bank's answer cannot be believed: try again later, or on another network."
        "银行的回复无法采信，请稍后或换一个网络重试。"
    AccountTooLow
        "There is not enough money on the account: choose a smaller amount."
        "账户余额不足，请减少金额。"
    UnknownAccount
        "The bank knows no such account: check the words, or open an account."
        "银行查无此账户，请核对助记词或先开户。"
    CallNotSigned
        "The bank could not see that this came from your wallet: update the app, or ask the bank."
        "银行无法确认这是由您的钱包发出的，请更新应用或联系银行。"
    IdempotencyConflict
        "The bank holds another order under the same number: ask the bank."
        "银行已有一笔编号相同但内容不同的指令，请联系银行。"
    ReserveTooLow
        "The bank cannot hand out that much now: try a smaller amount, or try later."
        "银行暂时无法兑出这么多，请减少金额或稍后再试。"
    KeyTaken
        "A key of this wallet is registered to another account: ask the bank."
        "该钱包的一把密钥已登记在另一账户名下，请联系银行。"
    BankFailed
        "The bank has trouble of its own: try again later; nothing is lost."
        "银行系统出现故障，请稍后重试，您的钱不会丢失。"
    ClaimClosed
        "The last day to claim this money has passed: the bank has credited it to the last holder it knew of."
        "这笔钱的兑付期限已过，银行已将其记入所知的最后持有人名下。"
    KeyNotCertified
        "A key behind this money is not registered to your account: ask the bank."
        "这笔钱所用的密钥未登记在您的账户名下，请联系银行。"
    KeyNotProven
        "The bank could not check a new key of this wallet: update the app, or ask the bank."
        "银行无法核实该钱包的新密钥，请更新应用或联系银行。"
    AlreadyEnrolled
        "This account is already open, as another kind or under another name: ask the bank to change it."
        "该账户已以其他类别或名称开立，如需变更请联系银行。"
    CoverExhausted
        "Somebody spent this money twice, and there is no cover for it yet: the claim stays open, try later."
        "有人重复花了这笔钱，赔付额度暂时不足，您的申领仍然有效，请稍后再试。"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_a_language() {
        for chinese in ["zh", "zh-Hans-CN", "zh_CN.UTF-8", "ZH-cn", "zh_HK"] {
            assert_eq!(
                Language::for_locale(chinese),
                Language::SimplifiedChinese,
                "{chinese}"
            );
        }
        for other in ["", "C", "en_GB.UTF-8", "zha", "de-CH"] {
            assert_eq!(Language::for_locale(other), Language::English, "{other}");
        }
    }
}
